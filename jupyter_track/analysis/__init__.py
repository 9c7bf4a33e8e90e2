"""What the text of a cell says: names, constants, definitions and uses. Nothing is run here."""
