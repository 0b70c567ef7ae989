"""Authentication and authorization (the gate): who may reach the pages and the addresses beside them, and as whom."""
