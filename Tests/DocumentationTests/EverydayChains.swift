// Chains of operations that new users write, compiled: each statement must stay within the limits of Swift's type
// checker, with the overloads of Martlet. Some of them are in the Markdown files. The functions are never called.

import Martlet

func averagesInSteps(_ counts: DStream<(Text, Int)>) {
  let ones = counts.mapValues { ($0, 1) }
  let sums = ones.reduceByKey { ($0.0 + $1.0, $0.1 + $1.1) }
  let averages = sums.mapValues { Double($0.0) / Double($0.1) }
  averages.pprint()
}

func averagesWithTypes(_ counts: DStream<(Text, Int)>) {
  counts.mapValues { ($0, 1) }
    .reduceByKey { (a: (Int, Int), b: (Int, Int)) in (a.0 + b.0, a.1 + b.1) }
    .mapValues { Double($0.0) / Double($0.1) }
    .pprint()
}

func averagesOfATable(_ counts: RDD<(Text, Int)>) throws -> [(Text, Double)] {
  let sums = counts.aggregateByKey((0, 0), { ($0.0 + $1, $0.1 + 1) }, { ($0.0 + $1.0, $0.1 + $1.1) })
  return try sums.mapValues { Double($0.0) / Double($0.1) }.collect()
}

func meansWithCombiners(_ scores: RDD<(Text, Int)>) throws {
  let sums = scores.combineByKey({ ($0, 1) }, { ($0.0 + $1, $0.1 + 1) }, { ($0.0 + $1.0, $0.1 + $1.1) })
  let means = sums.mapValues { Double($0.0) / Double($0.1) }
  let table = scores.aggregateByKey((0, 0), { ($0.0 + $1, $0.1 + 1) }, { ($0.0 + $1.0, $0.1 + $1.1) })
  let meansOfTable = table.mapValues { Double($0.0) / Double($0.1) }
  print(try means.collect(), try meansOfTable.collect())
}

func meansOfBatches(_ scores: DStream<(Text, Int)>) {
  let sums = scores.combineByKey({ ($0, 1) }, { ($0.0 + $1, $0.1 + 1) }, { ($0.0 + $1.0, $0.1 + $1.1) })
  sums.mapValues { Double($0.0) / Double($0.1) }.pprint()
}

func averagesOverWindows(_ counts: DStream<(Text, Int)>) {
  let ones = counts.mapValues { ($0, 1) }
  let sums = ones.reduceByKeyAndWindow(
    { ($0.0 + $1.0, $0.1 + $1.1) }, { ($0.0 - $1.0, $0.1 - $1.1) }, .seconds(30), .seconds(10))
  sums.mapValues { Double($0.0) / Double($0.1) }.pprint()
}

func columns(_ lines: DStream<Text>) {
  let readings = lines.compactMap { line -> (Text, Double)? in
    let columns = line.fields(separator: ",")
    guard columns.count == 2, let celsius = Double(columns[1]) else { return nil }
    return (columns[0], celsius)
  }
  readings.mapValues { $0 * 9 / 5 + 32 }.pprint()
  readings.filter { $0.1 > 30 }.map { ($0.0, $0.1 * 9 / 5 + 32) }.pprint()
}

func columnsByNumber(_ lines: DStream<Text>) {
  let sales = lines.map { line in
    let columns = line.split(separator: ",")
    return (columns[0], Int(columns[1]) ?? 0)
  }
  sales.reduceByKey(+).pprint()
  lines.map { $0.split(separator: ",")[1] }.countByValue().pprint()
  lines.compactMap { Int($0) }.reduce(+).pprint()
}

func frequentWords(_ lines: RDD<Text>, _ stopWords: Set<String>, _ names: [String: Int]) throws {
  let words = lines.flatMap { $0.split(separator: " ") }
  let counts = words.filter { !stopWords.contains($0) }.filter { $0.count > 3 }.map { ($0.lowercased(), 1) }
    .reduceByKey(+)
  for (word, count) in try counts.sortBy({ $0.1 }, ascending: false).take(10) { print(word, count) }
  let numbers = words.map { names[$0, default: 0] }
  print(try numbers.sum())
}

func wordsOfStrings(_ words: DStream<Text>, _ wanted: String, _ known: [String]) {
  words.filter { $0 == wanted || $0.hasPrefix(wanted) || known.contains($0) }.pprint()
  words.filter { $0 != "the" && $0.contains(/^[a-z]+$/) }.map { ($0, 1) }.reduceByKey(+).pprint()
  words.filter { !["a", "the", "of"].contains($0) }.map { ($0, 1) }.reduceByKey(+).pprint()
}

func textsBesideStrings(_ words: DStream<Text>, _ allowed: String, _ limit: String, _ separator: String) {
  words.filter { allowed.contains($0) && $0 < limit && limit >= $0 && $0 > "a" }.pprint()
  words.flatMap { $0.split(separator: ", ") }.map { ($0, 1) }.reduceByKey(+).pprint()
  words.flatMap { $0.split(separator: separator) }.map { ($0.prefix(3), $0.utf8.count) }.reduceByKey(+).pprint()
  words.map { ($0.first, 1) }.filter { $0.0 != "#" }.map { $0.1 }.reduce(+).pprint()
  words.map { $0.dropFirst().trimmed().replacing("\t", with: separator) }.filter { $0.hasSuffix("s") }.pprint()
  words.map { line in
    let columns = line.split(separator: "::")
    return (columns[0], Int(columns[1]) ?? 0)
  }.reduceByKey(+).pprint()
}

func ordered(_ names: RDD<String>, _ words: RDD<Text>) throws {
  print(try names.top(2, by: >), try names.takeOrdered(2, by: >), try words.top(2, by: >))
  print(try words.top(2, by: <), try words.sortBy({ $0 }).take(3), try names.max())
}

func evenTotals(_ words: DStream<Text>) {
  let totals = words.map { ($0, 1) }.updateStateByKey { new, old in (old ?? 0) + new.reduce(0, +) }
  totals.filter { $0.1 % 2 == 0 }.pprint()
}

func pi(_ sc: MartletContext) throws {
  let count = 100_000
  let inside = try sc.parallelize(1...count).map { _ -> Int in
    let x = Double.random(in: -1...1)
    let y = Double.random(in: -1...1)
    return x * x + y * y <= 1 ? 1 : 0
  }.reduce(+)
  print("Pi is roughly \(4 * Double(inside) / Double(count))")
}

func piAsASum(_ sc: MartletContext) throws {
  let count = 100_000
  let inside = try sc.parallelize(1...count).map { _ in
    let x = Double.random(in: -1...1)
    let y = Double.random(in: -1...1)
    return x * x + y * y <= 1 ? 1 : 0
  }.sum()
  print("Pi is roughly \(4 * Double(inside) / Double(count))")
}

struct City: Sendable {
  let name: Text
  let people: Int

  init(_ line: Text) throws {
    let columns = line.fields(separator: ",")
    guard columns.count == 2, let people = Int(columns[1]) else {
      throw MartletError(.corruptData, "This is not a city: \(line)")
    }
    name = columns[0]
    self.people = people
  }
}

func tables(_ sc: MartletContext) throws {
  let cities = sc.textFile("cities.csv").parse { line in try City(line) }
  let people = cities.accepted.map { ($0.name, $0.people) }.cache()
  for refused in try cities.rejected.take(10) { print(refused) }
  print(try people.collectAsMap())
}

func keeping(_ ssc: StreamingContext) async {
  await exitOnError { try await ssc.run() }
}
