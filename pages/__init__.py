"""The pages: thin scripts that read the choices, call services and draw."""
