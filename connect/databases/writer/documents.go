package main

import (
	"context"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

// documents is the collection persons of a store that speaks MongoDB's protocol.
type documents struct {
	uri    string
	client *mongo.Client
}

func (d *documents) persons() *mongo.Collection {
	return d.client.Database("maf").Collection("persons")
}

func (d *documents) connect(ctx context.Context) ([]int, error) {
	ctx, done := context.WithTimeout(ctx, patience)
	defer done()
	client, err := mongo.Connect(ctx, options.Client().ApplyURI(d.uri).
		SetServerSelectionTimeout(patience).SetMaxPoolSize(1))
	if err != nil {
		return nil, err
	}
	d.client = client
	found, err := d.persons().Find(ctx, bson.D{}, options.Find().
		SetProjection(bson.D{{Key: "_id", Value: 1}}).
		SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, err
	}
	var all []struct {
		ID int `bson:"_id"`
	}
	if err = found.All(ctx, &all); err != nil {
		return nil, err
	}
	var ids []int
	for _, one := range all {
		ids = append(ids, one.ID)
	}
	return ids, nil
}

func members(r row) bson.D {
	return bson.D{{Key: "name", Value: r.name},
		{Key: "popularity", Value: float64(r.popularity) / 1000},
		{Key: "at", Value: r.at}}
}

func (d *documents) insert(ctx context.Context, r row) error {
	_, err := d.persons().InsertOne(ctx,
		append(bson.D{{Key: "_id", Value: r.id}}, members(r)...))
	return err
}

func (d *documents) update(ctx context.Context, r row) error {
	_, err := d.persons().UpdateOne(ctx, bson.D{{Key: "_id", Value: r.id}},
		bson.D{{Key: "$set", Value: members(r)}})
	return err
}

func (d *documents) remove(ctx context.Context, id int) error {
	_, err := d.persons().DeleteOne(ctx, bson.D{{Key: "_id", Value: id}})
	return err
}

func (d *documents) close(ctx context.Context) {
	if d.client != nil {
		_ = d.client.Disconnect(ctx)
	}
	d.client = nil
}
