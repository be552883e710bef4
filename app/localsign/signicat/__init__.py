"""What the Signicat APIs share: tokens, keys, gateway errors."""
