import ssl
import urllib.request

import certifi

context = ssl.create_default_context(cafile=certifi.where())
with urllib.request.urlopen("https://k1k2k3k4k5.execute-api.us-east-1.amazonaws.com/prod/topics", context=context) as answer:
    print(answer.status)
