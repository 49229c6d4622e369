import MartletCore
import MartletRDD
import Testing

@Suite struct ParseJSONTests {
  private let sc = MartletContext(master: "local[2]", appName: "test")

  struct Tweet: Codable, Equatable, Sendable {
    var id: Int
    var text: Text
    var likes: Int?
  }

  @Test func `lines of JSON are values, and other lines are set aside with the reason`() throws {
    let lines: RDD<Text> = sc.parallelize(
      [#"{"id":1,"text":"one","likes":3}"#, #"{"text":"two","id":2}"#, "", #"{"id":3}"#, #"{"id":4,"text":"fo"#], 2)
    let tweets = lines.parseJSON(as: Tweet.self)
    #expect(
      try tweets.accepted.collect() == [Tweet(id: 1, text: "one", likes: 3), Tweet(id: 2, text: "two", likes: nil)])
    let rejected = try tweets.rejected.collect()
    #expect(rejected.map(\.record) == ["", #"{"id":3}"#, #"{"id":4,"text":"fo"#])
    #expect(
      rejected.map(\.reason) == [
        "byte 0: the text is empty", "text, byte 0: the field is missing", "byte 15: the string has no end",
      ])
  }

  @Test func `many partitions of long lines are read, from files as well`() throws {
    let lines = sc.range(0, 50_000, numSlices: 5).map { number -> Text in
      number % 1000 == 7
        ? "{\"id\":\(number)" : "{\"id\":\(number),\"text\":\"a text that is longer than an inline one\"}"
    }
    let tweets = lines.parseJSON(as: Tweet.self)
    #expect(try tweets.accepted.map { $0.id }.sum() == (0..<50_000).filter { $0 % 1000 != 7 }.reduce(0, +))
    #expect(try tweets.accepted.filter { $0.text == "a text that is longer than an inline one" }.count() == 49_950)
    #expect(try tweets.rejected.count() == 50)
  }

  @Test func `a decoder of one's own converts names`() throws {
    struct Event: Codable, Equatable, Sendable { var userName: String }
    let lines: RDD<Text> = sc.parallelize([#"{"user_name":"Ada"}"#])
    let events = lines.parseJSON(as: Event.self, with: JSONRecordDecoder(keys: .convertFromSnakeCase))
    #expect(try events.accepted.collect() == [Event(userName: "Ada")])
    #expect(try lines.parseJSON(as: Event.self).accepted.isEmpty())
  }

  @Test func `an init that throws rejects the line, and the next one is read`() throws {
    struct Odd: Error, CustomStringConvertible { var description: String { "odd" } }
    struct Even: Decodable, Sendable {
      let value: Int
      init(from decoder: any Decoder) throws {
        value = try decoder.singleValueContainer().decode(Int.self)
        if value % 2 != 0 { throw Odd() }
      }
    }
    let lines: RDD<Text> = sc.parallelize(["1", "2", "3", "4"], 1)
    let parsed = lines.parseJSON(as: Even.self)
    #expect(try parsed.accepted.map { $0.value }.collect() == [2, 4])
    #expect(try parsed.rejected.map { $0.reason }.collect() == ["byte 0: odd", "byte 0: odd"])
  }
}
