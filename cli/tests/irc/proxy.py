#!/usr/bin/env python3
"""Passes bytes between an IRC client and a server, and writes down both sides, line by line: `> ` the client, `< ` the server.

    proxy.py LISTEN-PORT SERVER-PORT TRANSCRIPT
"""

import asyncio
import sys


async def main():
    listen, port, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    transcript = open(path, "wb", buffering=0)

    async def carry(mark, reader, writer):
        while line := await reader.readline():
            transcript.write(mark + line)
            writer.write(line)
            await writer.drain()
        writer.close()

    async def serve(reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(b"> ", reader, far_writer), carry(b"< ", far_reader, writer))

    async with await asyncio.start_server(serve, "127.0.0.1", listen) as server:
        await server.serve_forever()


asyncio.run(main())
