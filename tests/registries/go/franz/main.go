// franz-go against a broker: makes a topic, produces to it, reads it back, and lists topics and offsets. Prints what it saw, a line each.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	topic := os.Args[2]
	cl, err := kgo.NewClient(kgo.SeedBrokers(os.Args[1]), kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.ProducerBatchCompression(kgo.ZstdCompression()))
	must(err)
	defer cl.Close()
	adm := kadm.NewClient(cl)
	made, err := adm.CreateTopic(ctx, 2, 1, nil, topic)
	must(err)
	fmt.Println("created", made.Topic, made.Err)
	for i := 0; i < 100; i++ {
		must(cl.ProduceSync(ctx, &kgo.Record{Topic: topic, Key: []byte(fmt.Sprint(i % 7)), Value: []byte(fmt.Sprint("value ", i))}).FirstErr())
	}
	sum := 0
	for got := 0; got < 100; {
		fetches := cl.PollFetches(ctx)
		for _, e := range fetches.Errors() {
			must(e.Err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			var n int
			fmt.Sscanf(string(r.Value), "value %d", &n)
			sum += n
			got++
		})
	}
	fmt.Println("consumed", sum)
	ends, err := adm.ListEndOffsets(ctx, topic)
	must(err)
	total := int64(0)
	ends.Each(func(o kadm.ListedOffset) { total += o.Offset })
	fmt.Println("offsets", total)
	_, err = adm.CreateTopic(ctx, 1, 1, nil, topic)
	fmt.Println("again", err)
}
