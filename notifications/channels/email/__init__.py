"""E-mail: what a letter says (`letter`, `wording`), how it looks (`templates/`), its calendar entry (`calendar`), its
bytes (`message`), and how it is handed over (`transport`)."""
