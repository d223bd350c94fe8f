"""What is private in a text: names and identifiers, found without leaving the machine."""
