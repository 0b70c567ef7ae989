"""What the page of orders is made of: the bill of a whole area, the list of orders, and one order with its parts."""
