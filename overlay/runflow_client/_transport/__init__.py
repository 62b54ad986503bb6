"""Carries flows out. The only folder that sends."""
