"""Real clusters of Ray on this machine, for the tests that compose on several nodes."""

from tests.cluster.nodes import Absent, Nodes, cluster, entered, other_disk

__all__ = ["Absent", "Nodes", "cluster", "entered", "other_disk"]
