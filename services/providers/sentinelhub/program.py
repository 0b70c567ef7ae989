"""How the exported program asks a deployment: with eo-learn's own task, as whoever runs it."""

import json
from importlib.metadata import version
from string import Template

from services.cache import angle_px
from services.providers.base import Program
from services.providers.sentinelhub.deployment import Deployment
from services.recipe import Recipe
from services.reducers import Chapter

DEMO_TOKEN_PATH = "/auth/realms/main/protocol/openid-connect/token"  # noqa: S105 - a path

_CLIENT = f"sentinelhub=={version('sentinelhub')}"
"""Read once: it is found through sys.path, which Streamlit changes while other requests are answered."""

ACCOUNT = Chapter(
    "The account",
    "Who asks, from the environment: SH_CLIENT_ID and SH_CLIENT_SECRET, and for another deployment SH_BASE_URL and "
    "SH_TOKEN_URL. The configuration is made of defaults: no file of yours is read or written. The client's own "
    "collection is bound to services.sentinel-hub.com, so any other deployment needs a definition of its own.",
    """\
BASE_URL = $base_url
TOKEN_URL = $token_url
if not BASE_URL:
    raise SystemExit($no_address)
if BASE_URL.startswith(("http://127.0.0.1:", "http://localhost:")):
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # on this machine, without TLS

config = SHConfig(
    use_defaults=True,
    sh_client_id=$client_id,
    sh_client_secret=$client_secret,
    sh_base_url=BASE_URL,
    sh_token_url=TOKEN_URL,
)
collection = DataCollection.SENTINEL2_L2A
if BASE_URL != collection.service_url or $collection != collection.api_id:
    collection = collection.define_from("SENTINEL2_L2A_THERE", api_id=$collection, service_url=BASE_URL)
""",
    imports=("os",),
)

FETCH = Chapter(
    "The pixels",
    "Sixteen-bit digital numbers, 10000 times the reflectance: half the price of floats, and exact. `harmonizeValues` "
    "makes them the same for all processing baselines; no resampling invents a value.",
    """\
fetch = SentinelHubInputTask(
    data_collection=collection,
    size=SIZE,
    bands_feature=(FeatureType.DATA, "BANDS"),
    bands=BANDS,
    bands_dtype=np.uint16,
    additional_data=$masks,
    single_scene=True,  # one picture of the window, of the newest granule at each place
    mosaicking_order=MosaickingOrder.MOST_RECENT,
    upsampling=ResamplingType.NEAREST,
    downsampling=ResamplingType.NEAREST,
    aux_request_args={"processing": {"harmonizeValues": True}},
    config=config,
    max_threads=1,
)
$fetch_angles

def fetch_tile(tile, acquisitions):
    \"\"\"The EOPatch of each acquisition, four at a time.\"\"\"
    nodes = linearly_connect_tasks($tasks, OutputTask("patch"))
    bbox = BBox(TILES[tile], CRS(EPSG))
    questions = [
        {node: {"bbox": bbox, "time_interval": window} for node in nodes[:-1]} for _, *window, _ in acquisitions
    ]
    executor = EOExecutor(EOWorkflow(nodes), questions)
    results = executor.run(workers=4, multiprocess=False, desc=tile)
    for number in executor.get_failed_executions():
        raise results[number].stats[results[number].error_node_uid].exception_info.exception
    return [result.outputs["patch"] for result in results]
""",
)

ANGLES_FETCH = """\

ANGLES = $angles
fetch_angles = SentinelHubInputTask(  # few pixels: those of the service have 5 km
    data_collection=collection,
    size=$angle_size,
    additional_data=[(FeatureType.DATA, name) for name in ANGLES],
    single_scene=True,
    mosaicking_order=MosaickingOrder.MOST_RECENT,
    upsampling=ResamplingType.NEAREST,
    downsampling=ResamplingType.NEAREST,
    config=config,
    max_threads=1,
)
"""
"""Where angles are needed."""


def program_of(provider: Deployment, recipe: Recipe) -> Program:
    """The provider's part of the program; no secret is in it."""
    return Program(
        packages=(_CLIENT,),
        imports=(
            "from eolearn.io import SentinelHubInputTask",
            "from sentinelhub import CRS, BBox, DataCollection, MosaickingOrder, ResamplingType, SHConfig",
        ),
        needs="Account: the environment variables SH_CLIENT_ID and SH_CLIENT_SECRET; SH_BASE_URL and SH_TOKEN_URL for "
        "another deployment.",
        account=ACCOUNT,
        fetch=FETCH,
        fill={"collection": json.dumps(provider.collection), **_angles(recipe), **_account(provider)},
    )


def _angles(recipe: Recipe) -> dict[str, str]:
    """What is asked for besides: angles, where the recipe needs them."""
    if not recipe.angles:
        return {"fetch_angles": "", "tasks": "fetch"}
    size = angle_px(recipe.lattice.dx), angle_px(recipe.lattice.dy)
    asked = Template(ANGLES_FETCH).substitute(angles=json.dumps(list(recipe.angles)), angle_size=repr(size))
    return {"fetch_angles": asked, "tasks": "fetch, fetch_angles"}


def _account(provider: Deployment) -> dict[str, str]:
    """Where a provider is, and whose account; the demo archive's account is no secret, and its address changes."""
    if provider.simulated:
        return {
            "base_url": 'os.environ.get("SH_BASE_URL", "").rstrip("/")',
            "token_url": f'os.environ.get("SH_TOKEN_URL", BASE_URL + {json.dumps(DEMO_TOKEN_PATH)})',
            "no_address": '"Start the demo archive (`python cli.py demo`) and put its address into SH_BASE_URL."',
            "client_id": 'os.environ.get("SH_CLIENT_ID", "demo")',
            "client_secret": 'os.environ.get("SH_CLIENT_SECRET", "demo")',
        }
    return {
        "base_url": f'os.environ.get("SH_BASE_URL", {json.dumps(provider.base_url)}).rstrip("/")',
        "token_url": f'os.environ.get("SH_TOKEN_URL", {json.dumps(provider.token_url)})',
        "no_address": '"Put the address of the service into SH_BASE_URL."',
        "client_id": 'os.environ["SH_CLIENT_ID"]',
        "client_secret": 'os.environ["SH_CLIENT_SECRET"]',
    }
