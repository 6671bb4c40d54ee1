import asyncio
import json
import ssl

HOST = "a1s2d3f4g5.execute-api.us-east-1.amazonaws.com"


async def post(i):
    reader, writer = await asyncio.open_connection(HOST, 443, ssl=ssl.create_default_context())
    body = json.dumps({"records": [{"value": {"ind": i}}]}).encode()
    writer.write((f"POST /prod/topics/0d1e2f3a4b5c.user HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/vnd.kafka.json.v2+json\r\n"
                  f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode() + body)
    await writer.drain()
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1])


async def main():
    print(sorted(set(await asyncio.gather(*(post(i) for i in range(20))))))

asyncio.run(main())
