import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.streaming.api.java.JavaDStream;
import org.apache.spark.streaming.api.java.JavaPairDStream;
import scala.Tuple2;

/** The word count of Spark's programming guide, and the job that reads its result. */
final class WordCount {
  private WordCount() {}

  static JavaPairDStream<String, Integer> of(JavaDStream<String> lines) {
    return lines
        .flatMap(line -> Arrays.asList(line.split(" ")).iterator())
        .mapToPair(word -> new Tuple2<>(word, 1))
        .reduceByKey(Integer::sum);
  }

  /** The number of words in a batch, and of distinct ones. */
  record Totals(long words, long distinct) implements java.io.Serializable {
    Totals plus(Totals other) {
      return new Totals(words + other.words, distinct + other.distinct);
    }
  }

  /** Runs the job. Adds up within the partitions, so that no result goes to the driver. */
  static Totals totals(JavaPairRDD<String, Integer> counts) {
    return counts.mapPartitions(partition -> {
      long words = 0, distinct = 0;
      while (partition.hasNext()) {
        words += partition.next()._2();
        distinct++;
      }
      return List.of(new Totals(words, distinct)).iterator();
    }).fold(new Totals(0, 0), Totals::plus);
  }
}
