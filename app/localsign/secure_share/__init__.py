"""Signicat Secure Share API v1: files that named people fetch after they have shown who they are."""
