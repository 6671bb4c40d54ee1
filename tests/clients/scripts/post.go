// A static program: its own resolver, its own system calls.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	for i := 0; i < 3; i++ {
		body := fmt.Sprintf(`{"records":[{"value":{"ind":%d}}]}`, i)
		r, err := http.Post("https://g0g0g0g0g0.execute-api.us-east-1.amazonaws.com/prod/topics/0a0b0c0d0e0f.geo", "application/vnd.kafka.json.v2+json",
			strings.NewReader(body))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		text, _ := io.ReadAll(r.Body)
		fmt.Println(r.StatusCode, string(text))
	}
	if len(os.Args) > 1 && os.Args[1] == "http" {
		return
	}
	c, err := net.DialTimeout("tcp", "pinterestdbreadonly.cq2e8zno855e.eu-west-1.rds.amazonaws.com:3306", 10*time.Second)
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	hello := make([]byte, 5)
	if _, err := io.ReadFull(c, hello); err != nil || hello[4] != 10 {
		fmt.Println("no greeting", err)
		os.Exit(1)
	}
	fmt.Println("protocol", hello[4])
}
