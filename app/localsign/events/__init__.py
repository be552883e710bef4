"""The Events service: subscriptions to what the Signicat APIs announce."""
