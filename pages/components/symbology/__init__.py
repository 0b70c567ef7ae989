"""How a picture is shown: any of its bands or an index of them, and in which stretch."""
