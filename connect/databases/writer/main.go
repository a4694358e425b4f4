// writer - change the rows of three databases at a steady, seeded pace, as people
// who use them would: mostly updates, some inserts, few deletions.
//
//	CHANGES_RATE   changes a second, of all three together (10)
//	CHANGES_SEED   of chance: the same seed makes the same changes (1)
//	POSTGRES_URL   series: table maf.series
//	MARIADB_DSN    movies: table maf.movies
//	MONGODB_URI    persons: collection persons of the database maf
//
// A database whose variable is empty is left alone. One that is away is waited for,
// and what could not be changed is not made up for.
package main

import (
	"context"
	"fmt"
	"log"
	"math/rand/v2"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Rows beyond this are deleted instead of added to.
const most = 1000

const again = time.Second // after an error
const patience = 5 * time.Second

// row is what each of them stores; popularity is in thousandths.
type row struct {
	id         int
	name       string
	popularity int
	at         time.Time
}

func (r row) decimal() string {
	return fmt.Sprintf("%d.%03d", r.popularity/1000, r.popularity%1000)
}

// source is a database whose rows are changed.
type source interface {
	// connect opens it; ids are the keys that there are, in order.
	connect(ctx context.Context) (ids []int, err error)
	insert(ctx context.Context, r row) error
	update(ctx context.Context, r row) error
	remove(ctx context.Context, id int) error
	close(ctx context.Context)
}

var kinds = []string{"Long", "Last", "Silent", "Hidden", "Golden", "Broken",
	"Northern", "Second"}
var things = []string{"River", "Winter", "Garden", "Signal", "Harbour", "Letter",
	"Mirror", "Crossing"}

func random(chance *rand.Rand, id int) row {
	return row{
		id:         id,
		name:       kinds[chance.IntN(len(kinds))] + " " + things[chance.IntN(len(things))],
		popularity: chance.IntN(100_000),
		at:         time.Now().UTC().Truncate(time.Millisecond),
	}
}

// change makes one change; ids are the keys after it.
func change(ctx context.Context, to source, chance *rand.Rand, ids []int,
) ([]int, error) {
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()
	next := 1
	if len(ids) > 0 {
		next = ids[len(ids)-1] + 1
	}
	what := chance.IntN(10)
	if len(ids) == 0 || what < 3 && len(ids) < most {
		return append(ids, next), to.insert(ctx, random(chance, next))
	}
	at := chance.IntN(len(ids))
	if len(ids) > 1 && what <= 3 {
		at = chance.IntN(len(ids) - 1) // the last key stays, so that none comes twice
		id := ids[at]
		return append(ids[:at], ids[at+1:]...), to.remove(ctx, id)
	}
	return ids, to.update(ctx, random(chance, ids[at]))
}

// write changes one source until ctx ends, each interval once.
func write(ctx context.Context, name string, to source, seed uint64,
	interval time.Duration) {
	chance := rand.New(rand.NewPCG(seed, 0))
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for said := false; ctx.Err() == nil; {
		ids, err := to.connect(ctx)
		if err == nil {
			log.Printf("%s: %d rows", name, len(ids))
			said = false
		}
		for err == nil {
			select {
			case <-ctx.Done():
				to.close(context.Background())
				return
			case <-tick.C:
				ids, err = change(ctx, to, chance, ids)
			}
		}
		to.close(ctx)
		if !said && ctx.Err() == nil {
			log.Printf("%s: %v; trying again each second", name, err)
			said = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(again):
		}
	}
}

func number(name string, initial, least float64) float64 {
	text := os.Getenv(name)
	if text == "" {
		return initial
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || !(value >= least && value <= 1e6) {
		log.Printf("%s: '%s' is not a number from %g to 1000000", name, text, least)
		os.Exit(2)
	}
	return value
}

func main() {
	log.SetFlags(0)
	log.SetPrefix("writer: ")
	rate := number("CHANGES_RATE", 10, 0.001)
	seed := uint64(number("CHANGES_SEED", 1, 0))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT,
		syscall.SIGTERM)
	defer stop()

	sources := map[string]source{}
	if text := os.Getenv("POSTGRES_URL"); text != "" {
		sources["series"] = &postgres{url: text}
	}
	if text := os.Getenv("MARIADB_DSN"); text != "" {
		sources["movies"] = &mariadb{dsn: text}
	}
	if text := os.Getenv("MONGODB_URI"); text != "" {
		sources["persons"] = &documents{uri: text}
	}
	if len(sources) == 0 {
		log.Print("none of POSTGRES_URL, MARIADB_DSN and MONGODB_URI is set")
		os.Exit(2)
	}
	interval := time.Duration(float64(len(sources)) / rate * float64(time.Second))
	var all sync.WaitGroup
	for name, to := range sources {
		all.Add(1)
		go func() {
			defer all.Done()
			write(ctx, name, to, seed, interval)
		}()
	}
	all.Wait()
}
