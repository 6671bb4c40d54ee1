// franz-go's groups and transactions against a broker: two members share a topic, one leaves; a transactional session reads one topic and
// writes another; the new consumer protocol where the broker has it; then what the admin client says of the group. Prints a line each.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sort"
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

func client(opts ...kgo.Opt) *kgo.Client {
	cl, err := kgo.NewClient(append(opts, kgo.SeedBrokers(os.Args[1]))...)
	must(err)
	return cl
}

// Polls until n records have come, or nothing more comes.
func take(ctx context.Context, n int, members ...*kgo.Client) []string {
	var values []string
	for len(values) < n && ctx.Err() == nil {
		for _, m := range members {
			short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			fetches := m.PollFetches(short)
			cancel()
			fetches.EachRecord(func(r *kgo.Record) { values = append(values, string(r.Value)) })
		}
	}
	sort.Strings(values)
	return values
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Second)
	defer cancel()
	p := client()
	adm := kadm.NewClient(p)
	_, err := adm.CreateTopics(ctx, 4, 1, nil, "fg", "fin", "fout")
	must(err)
	produce := func(topic string, from, n int) {
		for i := from; i < from+n; i++ {
			must(p.ProduceSync(ctx, &kgo.Record{Topic: topic, Key: []byte(fmt.Sprint(i)), Value: []byte(fmt.Sprintf("%03d", i))}).FirstErr())
		}
	}
	group := func(g string, topic string) *kgo.Client {
		return client(kgo.ConsumerGroup(g), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.HeartbeatInterval(200*time.Millisecond), kgo.AutoCommitInterval(100*time.Millisecond))
	}
	produce("fg", 0, 40)
	a, b := group("g", "fg"), group("g", "fg")
	got := take(ctx, 40, a, b)
	fmt.Println("two members", len(got), got[0], got[len(got)-1])
	must(a.CommitUncommittedOffsets(ctx))
	must(b.CommitUncommittedOffsets(ctx))
	a.Close()
	produce("fg", 40, 10)
	fmt.Println("one member", len(take(ctx, 10, b)))
	must(b.CommitUncommittedOffsets(ctx))
	described, err := adm.DescribeGroups(ctx, "g")
	must(err)
	fmt.Println("group", described["g"].State, described["g"].Protocol, len(described["g"].Members))
	lags, err := adm.Lag(ctx, "g")
	must(err)
	fmt.Println("lag", lags["g"].Lag.Total())
	b.Close()

	produce("fin", 0, 20)
	s, err := kgo.NewGroupTransactSession(kgo.SeedBrokers(os.Args[1]), kgo.TransactionalID("franz"), kgo.ConsumerGroup("t"), kgo.ConsumeTopics("fin"),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.RequireStableFetchOffsets(),
		kgo.HeartbeatInterval(200*time.Millisecond))
	must(err)
	done, aborted := 0, false
	for done < 20 && ctx.Err() == nil {
		fetches := s.PollFetches(ctx)
		must(s.Begin())
		n := 0
		fetches.EachRecord(func(r *kgo.Record) {
			n++
			s.Produce(ctx, &kgo.Record{Topic: "fout", Value: r.Value}, nil)
		})
		commit := kgo.TransactionEndTry(aborted) // the first one is given up, and comes again
		aborted = true
		ok, err := s.End(ctx, commit)
		must(err)
		if ok {
			done += n
		}
	}
	s.Close()
	out := client(kgo.ConsumeTopics("fout"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchIsolationLevel(kgo.ReadCommitted()))
	fmt.Println("transactions", len(take(ctx, 20, out)))
	out.Close()
	txns, err := adm.ListTransactions(ctx, nil, nil)
	must(err)
	for _, id := range txns.TransactionalIDs() {
		fmt.Println("transaction", id, txns[id].State)
	}
	deleted, err := adm.DeleteGroups(ctx, "g")
	must(err)
	fmt.Println("deleted", deleted["g"].Err)
	gone, _ := adm.DescribeGroups(ctx, "g")
	fmt.Println("then", gone["g"].State, errors.Is(gone["g"].Err, nil))
	p.Close()
}
