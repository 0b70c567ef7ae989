"""What the team has made: every finished result and saved picture, found again and opened in one press."""

from pages.components.frame.page_header import head
from pages.components.gallery.gallery_list import gallery_list
from pages.components.shared import messages
from pages.components.shared.glossary import words_on
from pages.state import session

for problem in session.problems():
    messages.tell(problem)

head("gallery", "Gallery")
with messages.told():
    gallery_list()
words_on("gallery")
