"""What the address and the session hold: choices, comparison, undo, who asks; and the one product behind all."""
