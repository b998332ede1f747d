"""What a linker tells of its programs, and how it is shown: as text, as a page of HTML."""
