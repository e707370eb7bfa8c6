"""Copies files at night, and is out of the way by the morning."""
