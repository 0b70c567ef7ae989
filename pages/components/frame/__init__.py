"""What is around every page: steps, header, guide, link to share."""
