import Foundation
import Testing

@testable import MartletCore

/// The conversions of names, dates and other types of Foundation.
@Suite struct JSONSettingsTests {
  struct Names: Codable, Equatable {
    var userId: Int
    var _privateName: String?
    var aLongName: String?
    var plain: Int?
    var byKey: [String: Int]?
  }

  @Test func `names in snake case are those of properties`() throws {
    let decoder = JSONRecordDecoder(keys: .convertFromSnakeCase)
    let json = #"{"_private_name":"p","user_id":7,"a_long__name":"q","plain":1,"by_key":{"a_b":1,"c":2}}"#
    let expected = Names(userId: 7, _privateName: "p", aLongName: "q", plain: 1, byKey: ["a_b": 1, "c": 2])
    #expect(try decoder.decode(Names.self, from: Text(json)) == expected)
    let foundation = JSONDecoder()
    foundation.keyDecodingStrategy = .convertFromSnakeCase
    #expect(try foundation.decode(Names.self, from: Data(json.utf8)) == expected)
    #expect(
      decoder.reason(#"{"user_ID":"x"}"#, Names.self)
        == "user_ID, byte 12: a value of type Int is required, not a string")
    #expect(decoder.reason(#"{"plain":1}"#, Names.self) == "userId, byte 0: the field is missing")
  }

  @Test(arguments: [
    "a", "a_b", "_a_b_", "__a__b__", "_", "__", "", "A_B", "user_ID", "éa_éb", "a_1", "ALL", "_ALL", "a__b", "aB_cD",
  ])
  func `names are converted as Foundation converts them`(_ name: String) throws {
    struct Key: CodingKey {
      var stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }
    struct Names: Decodable {
      var names: [String]
      init(from decoder: any Decoder) throws {
        names = try decoder.container(keyedBy: Key.self).allKeys.map(\.stringValue)
      }
    }
    let foundation = JSONDecoder()
    foundation.keyDecodingStrategy = .convertFromSnakeCase
    let json = "{\"\(name)\":1}"
    #expect(
      try JSONRecordDecoder(keys: .convertFromSnakeCase).decode(Names.self, from: Text(json)).names
        == foundation.decode(Names.self, from: Data(json.utf8)).names)
  }

  struct Event: Codable, Equatable { var at: Date }

  @Test(arguments: [
    ("2024-02-29T12:30:00Z", 1_709_209_800), ("2024-02-29T12:30:00.5Z", 1_709_209_800.5),
    ("2024-02-29T13:30:00+01:00", 1_709_209_800), ("2024-02-29 07:00:00-0530", 1_709_209_800),
    ("2024-02-29T12:30:00", 1_709_209_800), ("2024-02-29t12:30z", 1_709_209_800), ("2024-02-29", 1_709_164_800),
    ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.25Z", -0.75), ("0001-01-01T00:00:00Z", -62_135_596_800),
    ("0000-02-29T00:00:00Z", -62_162_121_600), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ("2000-02-29T00:00:00+14", 951_732_000),
  ])
  func `dates are texts of ISO 8601`(_ text: String, _ seconds: Double) throws {
    let event = try JSONRecordDecoder().decode(Event.self, from: Text("{\"at\":\"\(text)\"}"))
    #expect(event.at == Date(timeIntervalSince1970: seconds))
  }

  @Test(arguments: [
    "", "x", "2024", "2024-02-30", "2023-02-29T00:00:00Z", "2024-13-01", "2024-02-29T24:00:00Z", "2024-02-29T12:60:00Z",
    "2024-02-29T12:30:60Z", "2024-02-29T12:30:00.Z", "2024-02-29T12:30:00Zx", "2024-02-29T12:30:00+25:00", "24-02-29",
    "2024-2-9", "2024-02-29T", "2024-02-29T12", "2024-02-29T12:30:00+1:00", "1709209800", "2024-00-01", "2024-01-00",
  ])
  func `other texts are no dates`(_ text: String) {
    #expect(
      JSONRecordDecoder().reason(Text("{\"at\":\"\(text)\"}"), Event.self)
        == "at, byte 7: '\(text)' is not a date of ISO 8601, such as 2024-02-29T12:30:00Z")
  }

  @Test func `dates are numbers if the decoder says so`() throws {
    let expected = Event(at: Date(timeIntervalSince1970: 1_709_209_800.5))
    #expect(
      try JSONRecordDecoder(dates: .secondsSince1970).decode(Event.self, from: #"{"at":1709209800.5}"#) == expected)
    #expect(
      try JSONRecordDecoder(dates: .millisecondsSince1970).decode(Event.self, from: #"{"at":1709209800500}"#)
        == expected)
    let data = try JSONEncoder().encode(expected)
    #expect(try JSONRecordDecoder(dates: .deferredToDate).decode(Event.self, from: data) == expected)
    #expect(
      JSONRecordDecoder().reason(#"{"at":1709209800}"#, Event.self)
        == "at, byte 6: a date as a string is required, not a number; see the dates of JSONRecordDecoder")
  }

  @Test func `Foundation's other types are decoded as its own decoder does`() throws {
    struct Types: Codable, Equatable {
      var url: URL
      var data: Data
      var decimals: [Decimal]
      var id: UUID
      var optional: URL?
    }
    let json =
      #"{"url":"https://example.org/a?b=c","data":"aGVsbG8hIQ==","decimals":[0,-1.50,123456789012345678901234567890,0.1,1e20,-7e-9],"id":"E621E1F8-C36C-495A-93FC-0C247A3E6E5F"}"#
    let own = try JSONRecordDecoder().decode(Types.self, from: Text(json))
    #expect(try own == JSONDecoder().decode(Types.self, from: Data(json.utf8)))
    #expect(own.url.absoluteString == "https://example.org/a?b=c")
    #expect(own.data == Data("hello!!".utf8))
    #expect(own.decimals[1] == Decimal(string: "-1.5"))
    for base64 in ["", "YQ==", "YWI=", "YWJj", "/+8A"] {
      #expect(
        try JSONRecordDecoder().decode([Data].self, from: Text("[\"\(base64)\"]")) == [
          #require(Data(base64Encoded: base64))
        ])
    }
    for base64 in ["YQ", "YQ=", "Y===", "YQ==YQ==", "Y Q=", "é", "====", "YW=j"] {
      #expect(
        JSONRecordDecoder().reason(Text("[\"\(base64)\"]"), [Data].self) == "[0], byte 2: the string is not Base64")
    }
    #expect(
      JSONRecordDecoder().reason("[7]", [URL].self) == "[0], byte 1: a value of type URL is required, not a number")
  }
}
