import MartletCore
import Testing

@testable import MartletDatabases

struct DatabaseURLTests {
  @Test func `URLs have the forms of Spark's`() throws {
    let postgres = try Database("jdbc:postgresql://db.example:5433/shop?user=ann&password=p%26q&sslmode=require")
    #expect(postgres.system == .postgres && postgres.host == "db.example" && postgres.port == 5433)
    #expect(postgres.name == "shop" && postgres.user == "ann" && postgres.password == "p&q")
    #expect(postgres.options == ["sslmode": "require"])
    let maria = try Database("mysql://ann:p%40q@[::1]/shop", user: "bob")
    #expect(maria.system == .mariaDB && maria.host == "::1" && maria.port == nil)
    #expect(maria.user == "bob" && maria.password == "p@q")
    #expect(try Database("jdbc:sqlite:/a b/what?.db?busy_timeout=5").name == "/a b/what?.db")
    #expect(try Database("jdbc:mariadb://h").name == "")
  }

  @Test(
    arguments: [
      "", "shop", "jdbc:oracle://h/s", "jdbc:sqlite:", "jdbc:postgresql://h:99999/s", "jdbc:postgresql://h/s?a",
      "jdbc:mariadb://h/s?sslmod=x", "jdbc:postgresql://[::1/s", "jdbc:postgresql://h/%zz", "jdbc:mariadb://h/%00",
    ])
  func `a URL of another form is refused`(_ url: String) {
    let error = #expect(throws: MartletError.self) { try Database(url) }
    #expect(error?.code == .invalidConfiguration)
  }

  @Test func `a password is in no description`() throws {
    let database = try Database("jdbc:postgresql://ann:geheim@h/s?password=geheim", password: "geheim")
    var dumped = ""
    dump(database, to: &dumped)
    for text in ["\(database)", database.description, String(reflecting: database), dumped, "\([database])"] {
      #expect(!text.contains("geheim") && text.contains("jdbc:postgresql://h/s"), "\(text)")
    }
    let fault = #expect(throws: MartletError.self) { try Database("jdbc:postgresql://ann:geheim@h:x/s") }
    #expect(fault?.message.contains("geheim") == false)
  }

  @Test func `the names of tables may have quotes and points`() {
    #expect(TableName("counts")?.parts == ["counts"])
    #expect(TableName("shop.counts")?.parts == ["shop", "counts"])
    #expect(TableName("\"a.b\".`c\"d`")?.parts == ["a.b", "c\"d"])
    #expect(TableName("\"a\"\"b\"")?.parts == ["a\"b"])
    for wrong in ["", ".", "a.", ".a", "\"a", "\"a\"b", "a.b.c.d", "a\0b"] {
      #expect(TableName(wrong) == nil, "\(wrong)")
    }
  }

  @Test func `times are written as ISO 8601 and read again`() {
    let cases: [(Int64, String)] = [
      (0, "1970-01-01 00:00:00"), (-1, "1969-12-31 23:59:59.999999"), (951_782_400_000_000, "2000-02-29 00:00:00"),
      (1_709_209_800_500_000, "2024-02-29 12:30:00.500000"), (253_402_300_799_999_999, "9999-12-31 23:59:59.999999"),
      (-62_135_596_800_000_000, "0001-01-01 00:00:00"),
    ]
    for (micros, text) in cases {
      #expect(TimeText.timestamp(microseconds: micros) == text)
      #expect(TimeText.microseconds(text) == micros)
    }
    #expect(TimeText.microseconds("2024-02-29T14:00:00.5+01:30") == 1_709_209_800_500_000)
    #expect(TimeText.microseconds("2024-02-29 12:30:00+00") == 1_709_209_800_000_000)
    #expect(TimeText.microseconds("2024-02-29") == 1_709_164_800_000_000)
    #expect(TimeText.microseconds("infinity") == nil && TimeText.days("0000-00-00") == nil)
  }

  @Test func `a missing library is an error that says what to install`() {
    let library = ClientLibrary(
      database: "Nothing", variable: "LIBNOTHING", names: ["libnothing-there.so.1", "libc.so.6"],
      advice: "apt-get install nothing", open: { ClientLibrary.postgres.open($0, $1, $2) })
    let error = #expect(throws: MartletError.self) { try library.load(environment: { _ in nil }) }
    #expect(error?.code == .invalidConfiguration)
    for part in [
      "libnothing-there.so.1: ", "libc.so.6: it has no function PQ", "apt-get install nothing", "LIBNOTHING",
    ] {
      #expect(error?.message.contains(part) == true, "\(error?.message ?? "")")
    }
    let named = #expect(throws: MartletError.self) { try library.load(environment: { _ in "/no/such.so" }) }
    #expect(named?.message.contains("/no/such.so") == true && named?.message.contains("libc.so.6") == false)
  }
}
