"""Evalscripts, read by V8."""

import pytest

from services.demo.protocol.evalscript import read_script
from services.demo.protocol.payload import ApiError

HEAD = "//VERSION=3\n"


def script(
    inputs: str = '["B02", "dataMask"]',
    output: str = '{bands: 2, sampleType: "FLOAT32"}',
    body: str = "return [s.B02, s.dataMask];",
    more: str = "",
    top: str = "",
) -> str:
    setup = f"function setup() {{ return {{input: {inputs}, output: {output}{more}}}; }}"
    return f"{HEAD}{top}\n{setup}\nfunction evaluatePixel(s) {{ {body} }}"


def test_bands_units_and_outputs_are_what_setup_says() -> None:
    found = read_script(
        script(
            '[{bands: ["B04", "SCL", "dataMask"], units: ["DN", "DN", "DN"]}]',
            '[{id: "a", bands: 1, sampleType: "UINT16"}, {id: "b", bands: 2, sampleType: "UINT8", nodataValue: 255}]',
            "return {b: [s.dataMask, s.SCL], a: [s.B04]};",
        )
    )
    assert dict(found.inputs) == {"B04": "DN", "SCL": "DN", "dataMask": "DN"}
    assert found.outputs["a"].sources == ("B04",)
    assert found.outputs["b"].sources == ("dataMask", "SCL")
    assert found.outputs["a"].sample_type == "UINT16"
    assert found.outputs["b"].nodata == 255


@pytest.mark.parametrize(
    "text",
    [
        script(),
        f"\n\n{script()}",
        f'{HEAD}let setup = () => ({{input: ["B02"], output: {{bands: 1}}}}); let evaluatePixel = s => [s.B02];',
        f'{HEAD}var setup = () => ({{input: [{{bands: ["B02"], units: "dn"}}], output: {{bands: 1}}}});'
        "var evaluatePixel = function (s) { const {B02} = s; return [B02].map(x => x); };",
        script(body="return {default: [s.B02, s.dataMask]};"),
        script(body="let list = []; for (const name of ['B02', 'dataMask']) list.push(s[name]); return list;"),
        script(body="return [s.B02, s.dataMask == 1];"),
        script(more=', mosaicking: "SIMPLE"'),
    ],
)
def test_passing_bands_through_may_be_written_in_any_way(text: str) -> None:
    assert next(iter(read_script(text).outputs.values())).sources[0] == "B02"


def test_the_default_unit_is_the_first_of_a_band() -> None:
    found = read_script(script('["B02", "CLD", "SCL", "sunZenithAngles"]', "{bands: 1}", "return [s.B02];"))
    assert list(found.inputs.values()) == ["REFLECTANCE", "PERCENT", "DN", "DEGREES"]
    assert found.outputs["default"].sample_type == "AUTO"


def test_hundredths_of_a_band_are_told_from_the_band() -> None:
    found = read_script(script('["B02", "sunZenithAngles"]', "{bands: 2}", "return [s.B02, 100 * s.sunZenithAngles];"))
    assert found.outputs["default"].sources == ("B02", "sunZenithAngles")
    assert found.outputs["default"].scales == (1, 100)


@pytest.mark.parametrize(("unit", "factor"), [("REFLECTANCE", 0.0001), ("DN", 1)])
def test_the_normalization_factor_reaches_the_user_data(unit: str, factor: float) -> None:
    update = "function updateOutputMetadata(s, i, o) { o.userData = {norm_factor: i.normalizationFactor}; }"
    inputs = f'[{{bands: ["B02"], units: "{unit}"}}]'
    assert read_script(script(inputs, "{bands: 1}", "return [s.B02];", top=update)).userdata == {"norm_factor": factor}


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_script_is_refused_in_the_words_of_the_service(text: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_script(text)
    assert (caught.value.message, caught.value.code) == ("Missing or empty evalscript.", "COMMON_EXCEPTION")


@pytest.mark.parametrize("body", ["return s.B02;", "", "return null;", "return 5;"])
def test_no_array_is_refused_in_the_words_of_the_service(body: str) -> None:
    with pytest.raises(ApiError) as caught:
        read_script(script(body=body))
    assert (caught.value.message, caught.value.code) == ("Script must return an array.", "RENDERER_EXCEPTION")


def test_a_band_of_another_level_is_refused_in_the_words_of_the_service() -> None:
    with pytest.raises(ApiError) as caught:
        read_script(script('["B10"]', "{bands: 1}", "return [s.B10];"))
    assert caught.value.message == "Collection 'S2L2A' has no band 'B10'"


@pytest.mark.parametrize(
    "body",
    [
        "return [s.B02 * 2, s.dataMask];",
        "return [s.B02 * 1.0001, s.dataMask];",
        "if (s.B02 > 0.9) return [0, 0]; return [s.B02, s.dataMask];",
        "return [s.dataMask ? s.B02 : -1, s.dataMask];",
        "return [1, s.dataMask];",
        "return [s.B03, s.dataMask];",
        "return ['B02', s.dataMask];",
        "return [NaN, s.dataMask];",
        "return [Math.random(), s.dataMask];",
    ],
)
def test_a_script_that_computes_is_refused_with_the_reason(body: str) -> None:
    with pytest.raises(ApiError, match="passes bands through and does not compute"):
        read_script(script(body=body))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("function setup() {}", "begin with //VERSION=3"),
        ("return [B04 * 2.5]", "begin with //VERSION=3"),
        (f"{HEAD}function evaluatePixel(s) {{ return [1]; }}", "no function setup"),
        (f"{HEAD}function setup() {{ return {{}}; }}", "no function evaluatePixel"),
        (f"{HEAD}function setup() {{ return 5; }} function evaluatePixel(s) {{ return [1]; }}", "should be an object"),
        (script(more=', mosaicking: "ORBIT"'), "SIMPLE only, got ORBIT"),
        (script('[{bands: ["B02"], mosaicking: "TILE"}]'), "SIMPLE only, got TILE"),
        (script('[{datasource: "a", bands: ["B02"]}, {datasource: "b", bands: ["B03"]}]'), "one data source"),
        (script("[]"), "input with bands"),
        (script('[{bands: ["B02"], units: "KELVIN"}]'), "unsupported units 'KELVIN'"),
        (script('[{bands: ["B02", "B03"], units: ["DN"]}]'), "2 bands and 1 units"),
        (script(output="{}"), "how many bands"),
        (script(output="[]"), "should have an output"),
        (script(output='{bands: 2, sampleType: "UINT32"}'), "unknown sampleType 'UINT32'"),
        (script(output='[{id: "a", bands: 1}, {id: "a", bands: 1}]'), "two outputs 'a'"),
        (script(output="{bands: 3}"), "has 3 bands, but evaluatePixel returned 2 values"),
        (script(top="function preProcessScenes(c) { return c; }"), "does not support preProcessScenes"),
        (script(top="throw new Error('no');"), "Failed to evaluate script!.*Error: no"),
        (script(top="}"), "SyntaxError"),
        (script(top="require('fs');"), "require is not defined"),
        (script(top='"\ud800";'), "Failed to evaluate"),
        (script(top="// " + "x" * 100_000), "longer than 100000"),
    ],
)
def test_a_script_that_is_wrong_is_refused_with_its_cause(text: str, message: str) -> None:
    with pytest.raises(ApiError, match=message) as caught:
        read_script(text)
    assert caught.value.status == 400


@pytest.mark.parametrize(
    "top",
    [
        "while (true) {}",
        "var a = []; while (true) a.push(new Array(100000).fill(1));",
        "var a = new Array(2 ** 28).fill(7);",
        "/^(a+)+$/.test('a'.repeat(40) + 'b');",
        "(function f() { return f() + 1; })();",
    ],
)
def test_a_script_that_eats_time_or_memory_is_refused_and_the_next_one_is_read(top: str) -> None:
    with pytest.raises(ApiError):
        read_script(script(top=top))
    assert read_script(script(top=f"// after {len(top)}")).outputs
