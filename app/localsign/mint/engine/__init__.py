"""The workflow engine: runs journeys by the rules of Elsa 2. It knows no HTTP and no vocabulary of an API."""
