// Produce BROKER TOPIC [by-key] <LINES - send records with timestamps of the
// caller's, in their order, by Kafka's own producer. Each line is TIMESTAMP KEY
// VALUE. With by-key each goes to the partition of its key, else all to 0.

import java.util.Map;
import java.util.Scanner;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

class Produce {
    public static void main(String[] args) throws Exception {
        Integer partition = args.length > 2 ? null : 0;

        try (var in = new Scanner(System.in);
            var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", args[0]), new StringSerializer(),
                new StringSerializer())) {
            while (in.hasNextLine()) {
                String[] part = in.nextLine().split(" ", 3);

                producer.send(new ProducerRecord<>(args[1], partition,
                    Long.parseLong(part[0]), part[1], part[2])).get();
            }
        }
    }
}
