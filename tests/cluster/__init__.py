"""Real clusters of Ray on this machine, for the tests that compose on several nodes."""

from tests.cluster.nodes import Absent, Nodes, cluster

__all__ = ["Absent", "Nodes", "cluster"]
