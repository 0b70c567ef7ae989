"""What the page of masks draws: one date by each mask, and how much cloud each lets in."""
