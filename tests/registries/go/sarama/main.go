// sarama against a broker: a consumer group of two members, its offsets, a transactional producer, and the cluster admin. Prints a line each.
package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/IBM/sarama"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func config() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.V2_8_1_0
	c.Producer.Return.Successes = true
	c.Consumer.Offsets.Initial = sarama.OffsetOldest
	c.Consumer.Group.Heartbeat.Interval = 200 * time.Millisecond
	c.Consumer.Offsets.AutoCommit.Interval = 100 * time.Millisecond
	return c
}

type counter struct {
	sync.Mutex
	seen map[string]bool
	all  chan struct{}
}

func (c *counter) Setup(sarama.ConsumerGroupSession) error   { return nil }
func (c *counter) Cleanup(sarama.ConsumerGroupSession) error { return nil }
func (c *counter) ConsumeClaim(s sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	for m := range claim.Messages() {
		c.Lock()
		if !c.seen[string(m.Value)] {
			c.seen[string(m.Value)] = true
			if len(c.seen) == 60 {
				close(c.all)
			}
		}
		c.Unlock()
		s.MarkMessage(m, "")
	}
	return nil
}

func main() {
	brokers := []string{os.Args[1]}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Second)
	adm, err := sarama.NewClusterAdmin(brokers, config())
	must(err)
	must(adm.CreateTopic("sg", &sarama.TopicDetail{NumPartitions: 3, ReplicationFactor: 1}, false))
	fmt.Println("again", adm.CreateTopic("sg", &sarama.TopicDetail{NumPartitions: 3, ReplicationFactor: 1}, false))
	p, err := sarama.NewSyncProducer(brokers, config())
	must(err)
	for i := 0; i < 60; i++ {
		_, _, err := p.SendMessage(&sarama.ProducerMessage{Topic: "sg", Key: sarama.StringEncoder(fmt.Sprint(i)), Value: sarama.StringEncoder(fmt.Sprint(i))})
		must(err)
	}
	must(p.Close())
	c := &counter{seen: map[string]bool{}, all: make(chan struct{})}
	var members sync.WaitGroup
	for i := 0; i < 2; i++ {
		g, err := sarama.NewConsumerGroup(brokers, "s", config())
		must(err)
		members.Add(1)
		go func() {
			defer members.Done()
			for ctx.Err() == nil {
				if g.Consume(ctx, []string{"sg"}, c) != nil {
					break
				}
			}
			must(g.Close())
		}()
	}
	select {
	case <-c.all:
	case <-ctx.Done():
	}
	cancel()
	members.Wait()
	fmt.Println("two members", len(c.seen))
	offsets, err := adm.ListConsumerGroupOffsets("s", map[string][]int32{"sg": {0, 1, 2}})
	must(err)
	sum := int64(0)
	for _, b := range offsets.Blocks["sg"] {
		sum += b.Offset
	}
	fmt.Println("committed", sum)
	groups, err := adm.DescribeConsumerGroups([]string{"s"})
	must(err)
	fmt.Println("group", groups[0].State, len(groups[0].Members))
	tc := config()
	tc.Producer.Idempotent = true
	tc.Producer.RequiredAcks = sarama.WaitForAll
	tc.Net.MaxOpenRequests = 1
	tc.Producer.Transaction.ID = "sarama"
	tp, err := sarama.NewSyncProducer(brokers, tc)
	must(err)
	for i, end := range []func() error{tp.AbortTxn, tp.CommitTxn} {
		must(tp.BeginTxn())
		_, _, err = tp.SendMessage(&sarama.ProducerMessage{Topic: "st", Value: sarama.StringEncoder(fmt.Sprint("t", i))})
		must(err)
		must(end())
	}
	must(tp.Close())
	rc := config()
	rc.Consumer.IsolationLevel = sarama.ReadCommitted
	consumer, err := sarama.NewConsumer(brokers, rc)
	must(err)
	part, err := consumer.ConsumePartition("st", 0, sarama.OffsetOldest)
	must(err)
	fmt.Println("committed only", string((<-part.Messages()).Value))
	must(adm.DeleteConsumerGroup("s"))
	left, err := adm.ListConsumerGroups()
	must(err)
	_, there := left["s"]
	fmt.Println("deleted", !there)
}
