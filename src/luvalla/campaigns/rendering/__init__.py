"""From blocks to a letter: MJML and HTML, plain text, and the page of the archive."""
