package main

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// postgres is the table maf.series of PostgreSQL.
type postgres struct {
	url  string
	conn *pgx.Conn
}

func (p *postgres) connect(ctx context.Context) ([]int, error) {
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()
	conn, err := pgx.Connect(ctx, p.url)
	if err != nil {
		return nil, err
	}
	p.conn = conn
	rows, err := conn.Query(ctx, "SELECT id FROM maf.series ORDER BY id")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[int])
}

func (p *postgres) insert(ctx context.Context, r row) error {
	_, err := p.conn.Exec(ctx, "INSERT INTO maf.series (id, name, popularity, at)"+
		" VALUES ($1, $2, $3::text::numeric, $4)", r.id, r.name, r.decimal(), r.at)
	return err
}

func (p *postgres) update(ctx context.Context, r row) error {
	_, err := p.conn.Exec(ctx, "UPDATE maf.series SET name = $2,"+
		" popularity = $3::text::numeric, at = $4 WHERE id = $1",
		r.id, r.name, r.decimal(), r.at)
	return err
}

func (p *postgres) remove(ctx context.Context, id int) error {
	_, err := p.conn.Exec(ctx, "DELETE FROM maf.series WHERE id = $1", id)
	return err
}

func (p *postgres) close(ctx context.Context) {
	if p.conn != nil {
		_ = p.conn.Close(ctx)
	}
	p.conn = nil
}
