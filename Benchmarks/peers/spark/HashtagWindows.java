import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.streaming.Duration;
import org.apache.spark.streaming.Durations;
import org.apache.spark.streaming.api.java.JavaPairDStream;
import org.apache.spark.streaming.api.java.JavaStreamingContext;
import scala.Tuple2;

/**
 * The ten most frequent hashtags of a sliding window. A slide reads one file of the folder, in turn; slides come
 * faster than they are computed, so that none waits for its time. The slides before {@code slides} warm up.
 */
record HashtagWindows(long interval, Path scratch, Path folder, Kind kind, int window, int warmUp, int slides)
    implements Peer.Mode {
  enum Kind { merged, inverse }

  private record Slide(List<Tuple2<String, Integer>> top, double seconds, double cpu) {}

  private static final class ByCountThenName implements Comparator<Tuple2<String, Integer>>, Serializable {
    @Override
    public int compare(Tuple2<String, Integer> one, Tuple2<String, Integer> other) {
      int order = other._2().compareTo(one._2());
      return order != 0 ? order : one._1().compareTo(other._1());
    }
  }

  @Override
  public void run(JavaStreamingContext streaming, BatchLog log) throws Exception {
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files = found.sorted().toList();
    }
    Queue<JavaRDD<String>> queue = new LinkedList<>();
    for (int slide = 0; slide < warmUp + slides; slide++) {
      queue.add(streaming.sparkContext().textFile(files.get(slide % files.size()).toString(), 2));
    }
    var tags = streaming.queueStream(queue, true)
        .flatMap(line -> List.of(line.split("\t", 2)[1].split(" ")).iterator())
        .filter(word -> word.startsWith("#"))
        .mapToPair(tag -> new Tuple2<>(tag, 1));

    BlockingQueue<Slide> results = new LinkedBlockingQueue<>();
    counts(streaming, tags).foreachRDD(rdd -> {
      List<Tuple2<String, Integer>> top = rdd.takeOrdered(10, new ByCountThenName());
      results.add(new Slide(top, System.nanoTime() / 1e9, Readings.cpuSeconds()));
    });
    streaming.start();

    Slide began = slide(results, warmUp), ended = slide(results, slides);
    long lines = 0;
    for (int slide = warmUp; slide < warmUp + slides; slide++) {
      try (Stream<String> text = Files.lines(files.get(slide % files.size()))) {
        lines += text.count();
      }
    }
    String top = ended.top.stream().map(tag -> tag._1() + ":" + tag._2()).collect(Collectors.joining(","));
    double cpu = ended.cpu - began.cpu;
    System.out.printf("windows kind=%s window=%d slides=%d lines=%d slide_ms=%.2f cpu_ms=%.2f klines/cpu-s=%.0f top=%s%n",
        kind, window, slides, lines, (ended.seconds - began.seconds) * 1e3 / slides, cpu * 1e3 / slides,
        lines / 1e3 / cpu, top);
  }

  private JavaPairDStream<String, Integer> counts(JavaStreamingContext streaming, JavaPairDStream<String, Integer> tags) {
    Duration length = Durations.milliseconds(interval * window), slide = Durations.milliseconds(interval);
    return switch (kind) {
      case merged -> tags.reduceByKeyAndWindow(Integer::sum, length, slide);
      case inverse -> {
        streaming.checkpoint(scratch.resolve("checkpoint").toString());
        yield tags.reduceByKeyAndWindow(
            Integer::sum, (sum, leaving) -> sum - leaving, length, slide, 2, count -> count._2() > 0);
      }
    };
  }

  /** The last of these slides. */
  private static Slide slide(BlockingQueue<Slide> results, int count) throws InterruptedException {
    Slide last = null;
    for (int i = 0; i < count; i++) {
      last = results.poll(2, TimeUnit.MINUTES);
      if (last == null) throw new IllegalStateException("no result within 2 minutes");
    }
    return last;
  }
}
