// documents - a document store that speaks MongoDB's protocol: FerretDB, as the
// library that it offers for that, on a database of PostgreSQL.
//
// DOCUMENTS_LISTEN is where it listens (127.0.0.1:27017), and DOCUMENTS_POSTGRES
// the URL of the database, without a password, which is in PGPASSWORD. It waits for
// that database, and ends when it is asked to stop.
package main

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/FerretDB/FerretDB/ferretdb"
	"github.com/jackc/pgx/v5"
)

const pause = 200 * time.Millisecond

func env(name, initial string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return initial
}

// withPassword adds that of PGPASSWORD, which FerretDB would not look for.
func withPassword(text string) (string, error) {
	at, err := url.Parse(text)
	if err != nil {
		return "", err
	}
	if password := os.Getenv("PGPASSWORD"); password != "" {
		at.User = url.UserPassword(at.User.Username(), password)
	}
	return at.String(), nil
}

// waitFor returns once the database accepts a connection; false: a stop was asked
// for.
func waitFor(ctx context.Context, database string, log *slog.Logger) bool {
	said := false
	for {
		conn, err := pgx.Connect(ctx, database)
		if err == nil {
			_ = conn.Close(ctx)
			return true
		}
		if !said {
			log.Error("waiting for PostgreSQL", "error", err)
			said = true
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
}

func main() {
	// Its warnings are each error that a client gets, with all of the request.
	log := slog.New(slog.NewTextHandler(os.Stderr,
		&slog.HandlerOptions{Level: slog.LevelError}))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT,
		syscall.SIGTERM)
	defer stop()

	database, err := withPassword(env("DOCUMENTS_POSTGRES",
		"postgres://documents@127.0.0.1:5432/documents"))
	if err != nil {
		log.Error("DOCUMENTS_POSTGRES is not a URL") // the error has its text
		os.Exit(2)
	}
	if !waitFor(ctx, database, log) {
		return
	}
	store, err := ferretdb.New(&ferretdb.Config{
		Listener:      ferretdb.ListenerConfig{TCP: env("DOCUMENTS_LISTEN", "127.0.0.1:27017")},
		Logger:        log,
		Handler:       "postgresql",
		PostgreSQLURL: database,
	})
	if err != nil {
		log.Error("it cannot start", "error", err)
		os.Exit(1)
	}
	if err = store.Run(ctx); err != nil {
		log.Error("it failed", "error", err)
		os.Exit(1)
	}
}
