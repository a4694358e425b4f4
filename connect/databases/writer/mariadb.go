package main

import (
	"context"
	"database/sql"

	_ "github.com/go-sql-driver/mysql" // MariaDB's protocol
)

// mariadb is the table maf.movies of MariaDB.
type mariadb struct {
	dsn string
	db  *sql.DB
}

func (m *mariadb) connect(ctx context.Context) ([]int, error) {
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()
	db, err := sql.Open("mysql", m.dsn)
	if err != nil {
		return nil, err
	}
	m.db = db
	db.SetMaxOpenConns(1)
	rows, err := db.QueryContext(ctx, "SELECT id FROM maf.movies ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int
	for rows.Next() {
		var id int
		if err = rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

func (m *mariadb) insert(ctx context.Context, r row) error {
	_, err := m.db.ExecContext(ctx, "INSERT INTO maf.movies"+
		" (id, title, popularity, at) VALUES (?, ?, ?, ?)",
		r.id, r.name, r.decimal(), r.at)
	return err
}

func (m *mariadb) update(ctx context.Context, r row) error {
	_, err := m.db.ExecContext(ctx, "UPDATE maf.movies SET title = ?,"+
		" popularity = ?, at = ? WHERE id = ?", r.name, r.decimal(), r.at, r.id)
	return err
}

func (m *mariadb) remove(ctx context.Context, id int) error {
	_, err := m.db.ExecContext(ctx, "DELETE FROM maf.movies WHERE id = ?", id)
	return err
}

func (m *mariadb) close(context.Context) {
	if m.db != nil {
		_ = m.db.Close()
	}
	m.db = nil
}
