"""The noise that the simulated world is woven from."""

import numpy as np
import pytest

from services.demo.world.noise import RADIUS, Mesh, MeshNoise, NoiseField

FIELD = NoiseField.fractal(5, 8_000, 5, 0.6)


def patch(turn: float, latitude: float, rows: int = 40, columns: int = 40, step: float = 100.0) -> Mesh:
    """A mesh of `step` metres whose south-western corner is at a longitude in turns and a latitude in degrees."""
    south = np.radians(latitude)
    width = step / (2 * np.pi * RADIUS * np.cos(south))
    return Mesh(turn + np.arange(columns) * width, south + np.arange(rows) * (step / RADIUS))


def test_a_part_of_a_mesh_says_what_the_whole_says() -> None:
    mesh = patch(0.07, 60.9)
    whole = MeshNoise.over(mesh, [FIELD]).sums()[0]
    part = MeshNoise.over(Mesh(mesh.turns[11:30], mesh.latitudes[5:8]), [FIELD]).sums()[0]
    assert np.allclose(part, whole[5:8, 11:30], atol=1e-4)


@pytest.mark.parametrize("turn", [0.0, 1.0, -1.0, 0.5, -0.5])
def test_no_meridian_is_a_seam(turn: float) -> None:
    mesh = patch(turn - 2e-5, 45.0, step=20.0)
    drawn = MeshNoise.over(mesh, [FIELD]).sums()[0]
    assert np.abs(np.diff(drawn, axis=1)).max() < 0.25
    around = MeshNoise.over(Mesh(mesh.turns + 1, mesh.latitudes), [FIELD]).sums()[0]
    assert np.allclose(around, drawn, atol=1e-3)


@pytest.mark.parametrize("latitude", [-79.0, -16.8, -0.02, 0.0, 45.0, 61.0, 83.5])
def test_it_varies_by_as_much_everywhere(latitude: float) -> None:
    drawn = MeshNoise.over(patch(0.3, latitude, 400, 400, 2_000.0), [FIELD]).sums()[0]
    assert drawn.std() == pytest.approx(1, abs=0.12)
    assert drawn.mean() == pytest.approx(0, abs=0.05)


def test_single_octaves_sum_to_the_field_and_lose_what_they_say() -> None:
    noise = MeshNoise.over(patch(0.3, 10.0), [FIELD])
    assert np.allclose(sum(noise.octaves()), noise.sums()[0], atol=1e-4)
    assert FIELD.coarser(1_500).sizes == (8_000, 4_000, 2_000)
    assert FIELD.lost_variance(1_500) == pytest.approx(sum(weight**2 for weight in FIELD.weights[3:]))


def test_another_turn_is_another_noise() -> None:
    mesh = patch(0.3, 10.0, 300, 300, 3_000.0)
    one, same, other = (MeshNoise.over(mesh, [FIELD], variants=[turn]).sums()[0] for turn in (3, 3, 4))
    assert (one == same).all()
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.1
