import MartletSQL

/// The cases of `Tests/Oracle/dataframe.py` in Swift, by their ids.
struct DataFrameCases: Sendable {
  /// The tables of the cases.
  struct Tables: Sendable {
    var spark: SparkSession
    var people, sales, shops, sensors, vendors, maintenance, extremes, nested: DataFrame
    var words, events, tweets, documents, lefts, rights: DataFrame

    init(_ spark: SparkSession) {
      self.spark = spark
      people = spark.table("people")
      sales = spark.table("sales")
      shops = spark.table("shops")
      sensors = spark.table("sensors")
      vendors = spark.table("vendors")
      maintenance = spark.table("maintenance")
      extremes = spark.table("extremes")
      nested = spark.table("nested")
      words = spark.table("words")
      events = spark.table("events")
      tweets = spark.table("tweets")
      documents = spark.table("documents")
      lefts = spark.table("lefts")
      rights = spark.table("rights")
    }
  }

  /// The result of a case.
  enum Result: Sendable {
    case frame(DataFrame)
    case value(Cell)
    case text(String)
  }

  private(set) var bodies: [String: @Sendable (Tables) throws -> Result] = [:]

  /// Adds a case that makes a table.
  mutating func frame(_ id: String, _ body: @escaping @Sendable (Tables) throws -> DataFrame) {
    precondition(bodies.updateValue({ .frame(try body($0)) }, forKey: id) == nil, "\(id) is there twice")
  }

  /// Adds a case that makes a value.
  mutating func value(_ id: String, _ body: @escaping @Sendable (Tables) throws -> Cell) {
    precondition(bodies.updateValue({ .value(try body($0)) }, forKey: id) == nil, "\(id) is there twice")
  }

  /// Adds a case that prints a text. Its line feed at the end is that of `print`.
  mutating func text(_ id: String, _ body: @escaping @Sendable (Tables) throws -> String) {
    precondition(bodies.updateValue({ .text(try body($0) + "\n") }, forKey: id) == nil, "\(id) is there twice")
  }

  /// All cases.
  static let all: DataFrameCases = {
    var cases = DataFrameCases()
    projection(&cases)
    conditions(&cases)
    columns(&cases)
    functions(&cases)
    aggregates(&cases)
    joins(&cases)
    rows(&cases)
    missingValues(&cases)
    statistics(&cases)
    windows(&cases)
    sessions(&cases)
    texts(&cases)
    return cases
  }()
}
