"""The measure of all things: a FastAPI application with one route and a response model."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Hello(BaseModel):
    hello: str


@app.get("/")
async def hello() -> Hello:
    return Hello(hello="world")
