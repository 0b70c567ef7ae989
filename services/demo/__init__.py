"""The demo archive: a simulated world behind the Sentinel Hub protocol, run by `python -m services.demo`."""
