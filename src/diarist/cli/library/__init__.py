"""The library, as commands use it: opened, handed things in, worked on in this process."""
