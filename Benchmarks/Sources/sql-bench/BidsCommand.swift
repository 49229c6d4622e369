import ArgumentParser
import MartletSQL
import Measuring

/// Queries over files of bids, as `peers/duckdb/bids.py` asks them with DuckDB's own client.
struct BidsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bids", abstract: "Runs a query over files of bids, repeatedly.")

  enum Query: String, CaseIterable, ExpressibleByArgument {
    case q0, q5, q7

    /// The query, which ends in one row, so that what is measured is not the conversion of rows.
    var text: String {
      switch self {
      case .q0: "SELECT count(*), sum(auction), sum(bidder), sum(price), max(channel), max(dateTime) FROM bids"
      case .q5:
        """
        SELECT count(*), sum(bids), max(bids) FROM (
          SELECT window(dateTime, '10 seconds', '2 seconds') AS start, auction, count(*) AS bids
          FROM bids GROUP BY 1, 2)
        """
      case .q7:
        """
        SELECT count(*), sum(price), max(price) FROM (
          SELECT window(dateTime, '10 seconds') AS start, max(price) AS price FROM bids GROUP BY 1)
        """
      }
    }
  }

  @Argument(help: "The folder with the folders json, csv and parquet.") var folder: String
  @Option(help: "The format of the files: json, csv or parquet.") var format = "json"
  @Option(help: "The query.") var query = Query.q7
  @Option(help: "The number of threads.") var threads = 2
  @Option(help: "The number of times that the query runs.") var rounds = 5
  @Option(help: "The type of the column dateTime.") var timestamp = "TIMESTAMP"

  func run() throws {
    let spark = try SparkSession.builder.master("local[\(threads)]").appName("bids").getOrCreate()
    defer { spark.stop() }
    for _ in 0..<rounds {
      let stopwatch = Stopwatch()
      try spark.read.format(format)
        .schema("auction BIGINT, bidder BIGINT, price BIGINT, channel STRING, dateTime \(timestamp)")
        .load("\(folder)/\(format)").createOrReplaceTempView("bids")
      let row: Row = try spark.sql(query.text).first()
      let answer = row.values.indices.map { "\(row[$0])".replacing(" ", with: "_") }.joined(separator: ",")
      printResult(
        "bids",
        [
          "format": format, "query": query.rawValue, "sec": Decimal(stopwatch.seconds, places: 4),
          "cpu": Decimal(stopwatch.cpuSeconds, places: 3), "answer": answer,
        ])
    }
    printProcess()
  }
}
