/* The frames of what converters and transforms throw, from the place down to apply or toConnectData: as connect-transforms, connect-json and
 * connect-runtime 4.0.0 had them on Java 17. ~ stands for "\n\tat org.apache.kafka.connect.", ^ for "\n\tat "; behind them those of each
 * cause, | and how many it has in common with the one above. */
#include "connect/report.h"

const struct con_frames con_frames[] = {
	{ "BooleanConverter", "DataException: Failed to deserialize boolean:",
	  "~converters.BooleanConverter.toConnectData(BooleanConverter.java:89)",
	  "^org.apache.kafka.common.serialization.BooleanDeserializer.deserialize(BooleanDeserializer.java:35)"
	  "~converters.BooleanConverter.toConnectData(BooleanConverter.java:87)|0|" },
	{ "Cast", "DataException: Cannot list fields on non-struct type",
	  "~data.ConnectSchema.fields(ConnectSchema.java:179)~transforms.Cast.getOrBuildSchema(Cast.java:207)"
	  "~transforms.Cast.applyWithSchema(Cast.java:170)~transforms.Cast.apply(Cast.java:140)",
	  "" },
	{ "Cast", "DataException: Cast transformation does not support casting",
	  "~transforms.Cast.validCastType(Cast.java:451)~transforms.Cast.castValueToType(Cast.java:279)"
	  "~transforms.Cast.applySchemaless(Cast.java:156)~transforms.Cast.apply(Cast.java:138)",
	  "" },
	{ "Cast", "DataException: Only Map objects supported in absence of sch",
	  "~transforms.util.Requirements.requireMap(Requirements.java:38)~transforms.Cast.applySchemaless(Cast.java:159)"
	  "~transforms.Cast.apply(Cast.java:138)",
	  "" },
	{ "Cast", "DataException: Unexpected type in Cast transformation:",
	  "~transforms.Cast.castToBoolean(Cast.java:385)~transforms.Cast.castValueToType(Cast.java:300)"
	  "~transforms.Cast.applyWithSchema(Cast.java:183)~transforms.Cast.apply(Cast.java:140)",
	  "" },
	{ "Cast", "DataException: Value",
	  "~transforms.Cast.castValueToType(Cast.java:307)~transforms.Cast.applySchemaless(Cast.java:163)"
	  "~transforms.Cast.apply(Cast.java:138)",
	  "^java.base/java.lang.NumberFormatException.forInputString(NumberFormatException.java:67)"
	  "^java.base/java.lang.Long.parseLong(Long.java:711)^java.base/java.lang.Long.parseLong(Long.java:836)"
	  "~transforms.Cast.castToInt64(Cast.java:350)~transforms.Cast.castValueToType(Cast.java:294)|2|" },
	{ "DoubleConverter", "DataException: Failed to deserialize double:",
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:116)"
	  "~converters.DoubleConverter.toConnectData(DoubleConverter.java:32)",
	  "^org.apache.kafka.common.serialization.DoubleDeserializer.deserialize(DoubleDeserializer.java:31)"
	  "^org.apache.kafka.common.serialization.DoubleDeserializer.deserialize(DoubleDeserializer.java:24)"
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:114)|1|" },
	{ "ExtractField", "java.lang.IllegalArgumentException: Unknown field: ", "~transforms.ExtractField.apply(ExtractField.java:91)", "" },
	{ "ExtractField", "DataException: Cannot look up fields on non-struct type",
	  "~data.ConnectSchema.field(ConnectSchema.java:186)~transforms.field.SingleFieldPath.fieldFrom(SingleFieldPath.java:155)"
	  "~transforms.ExtractField.apply(ExtractField.java:88)",
	  "" },
	{ "ExtractField", "DataException: Only Map objects supported in absence of sch",
	  "~transforms.util.Requirements.requireMap(Requirements.java:38)"
	  "~transforms.util.Requirements.requireMapOrNull(Requirements.java:47)"
	  "~transforms.ExtractField.apply(ExtractField.java:84)",
	  "" },
	{ "ExtractField", "DataException: Only Struct objects supported for",
	  "~transforms.util.Requirements.requireStruct(Requirements.java:52)"
	  "~transforms.util.Requirements.requireStructOrNull(Requirements.java:61)"
	  "~transforms.ExtractField.apply(ExtractField.java:87)",
	  "" },
	{ "Flatten", "DataException: Flatten transformation does not support MAP",
	  "~transforms.Flatten.buildUpdatedSchema(Flatten.java:207)~transforms.Flatten.applyWithSchema(Flatten.java:156)"
	  "~transforms.Flatten.apply(Flatten.java:79)",
	  "" },
	{ "Flatten", "DataException: Only Map objects supported in absence of sch",
	  "~transforms.util.Requirements.requireMap(Requirements.java:38)~transforms.Flatten.applySchemaless(Flatten.java:104)"
	  "~transforms.Flatten.apply(Flatten.java:77)",
	  "" },
	{ "Flatten", "DataException: Only Struct objects supported for",
	  "~transforms.util.Requirements.requireStruct(Requirements.java:52)"
	  "~transforms.util.Requirements.requireStructOrNull(Requirements.java:61)"
	  "~transforms.Flatten.applyWithSchema(Flatten.java:149)~transforms.Flatten.apply(Flatten.java:79)",
	  "" },
	{ "FloatConverter", "DataException: Failed to deserialize float:",
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:116)"
	  "~converters.FloatConverter.toConnectData(FloatConverter.java:32)",
	  "^org.apache.kafka.common.serialization.FloatDeserializer.deserialize(FloatDeserializer.java:30)"
	  "^org.apache.kafka.common.serialization.FloatDeserializer.deserialize(FloatDeserializer.java:24)"
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:114)|1|" },
	{ "HeaderFrom", "java.lang.NullPointerException: Cannot invoke",
	  "~transforms.HeaderFrom.applyWithSchema(HeaderFrom.java:149)~transforms.HeaderFrom.apply(HeaderFrom.java:121)",
	  "" },
	{ "HeaderFrom", "DataException: Only Map objects supported in absence of sch",
	  "~transforms.util.Requirements.requireMap(Requirements.java:38)"
	  "~transforms.HeaderFrom.applySchemaless(HeaderFrom.java:172)~transforms.HeaderFrom.apply(HeaderFrom.java:119)",
	  "" },
	{ "HeaderFrom", "DataException: Only Struct objects supported for",
	  "~transforms.util.Requirements.requireStruct(Requirements.java:52)"
	  "~transforms.HeaderFrom.applyWithSchema(HeaderFrom.java:132)~transforms.HeaderFrom.apply(HeaderFrom.java:121)",
	  "" },
	{ "InsertField", "DataException: Only Map objects supported in absence of sch",
	  "~transforms.util.Requirements.requireMap(Requirements.java:38)"
	  "~transforms.InsertField.applySchemaless(InsertField.java:152)~transforms.InsertField.apply(InsertField.java:145)",
	  "" },
	{ "InsertField", "DataException: Only Struct objects supported for",
	  "~transforms.util.Requirements.requireStruct(Requirements.java:52)"
	  "~transforms.InsertField.applyWithSchema(InsertField.java:176)~transforms.InsertField.apply(InsertField.java:147)",
	  "" },
	{ "InsertField", "SchemaBuilderException: Cannot create field because of field name du",
	  "~data.SchemaBuilder.field(SchemaBuilder.java:330)~transforms.InsertField.makeUpdatedSchema(InsertField.java:217)"
	  "~transforms.InsertField.applyWithSchema(InsertField.java:180)~transforms.InsertField.apply(InsertField.java:147)",
	  "" },
	{ "IntegerConverter", "DataException: Failed to deserialize integer:",
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:116)"
	  "~converters.IntegerConverter.toConnectData(IntegerConverter.java:32)",
	  "^org.apache.kafka.common.serialization.IntegerDeserializer.deserialize(IntegerDeserializer.java:30)"
	  "^org.apache.kafka.common.serialization.IntegerDeserializer.deserialize(IntegerDeserializer.java:24)"
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:114)|1|" },
	{ "JsonConverter", "DataException: Array schema did not specify the element typ",
	  "~json.JsonConverter.asConnectSchema(JsonConverter.java:494)~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "JsonConverter", "DataException: Conversion error: null value for field that",
	  "~json.JsonConverter.convertToJson(JsonConverter.java:591)"
	  "~json.JsonConverter.convertToJsonWithEnvelope(JsonConverter.java:572)"
	  "~json.JsonConverter.fromConnectData(JsonConverter.java:326)",
	  "" },
	{ "JsonConverter", "DataException: Decimal value has mismatching scale for give",
	  "~data.Decimal.fromLogical(Decimal.java:69)~json.JsonConverter$1.toJson(JsonConverter.java:160)"
	  "~json.JsonConverter.convertToJson(JsonConverter.java:597)"
	  "~json.JsonConverter.convertToJsonWithEnvelope(JsonConverter.java:572)"
	  "~json.JsonConverter.fromConnectData(JsonConverter.java:326)",
	  "" },
	{ "JsonConverter", "DataException: Found invalid map entry instead of array tup",
	  "~json.JsonConverter.lambda$static$10(JsonConverter.java:116)"
	  "~json.JsonConverter.convertToConnect(JsonConverter.java:752)~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Found invalid map entry, expected length",
	  "~json.JsonConverter.lambda$static$10(JsonConverter.java:118)"
	  "~json.JsonConverter.convertToConnect(JsonConverter.java:752)~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Invalid bytes field",
	  "~json.JsonConverter.lambda$static$7(JsonConverter.java:83)~json.JsonConverter.convertToConnect(JsonConverter.java:752)"
	  "~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "^com.fasterxml.jackson.databind.exc.InvalidFormatException.from(InvalidFormatException.java:67)"
	  "^com.fasterxml.jackson.databind.node.TextNode.getBinaryValue(TextNode.java:79)"
	  "^com.fasterxml.jackson.databind.node.TextNode.binaryValue(TextNode.java:90)"
	  "~json.JsonConverter.lambda$static$7(JsonConverter.java:81)|2|" },
	{ "JsonConverter", "DataException: Invalid bytes for Decimal field",
	  "~json.JsonConverter$1.toConnect(JsonConverter.java:173)~json.JsonConverter.convertToConnect(JsonConverter.java:749)"
	  "~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "~data.Decimal.scale(Decimal.java:88)~data.Decimal.toLogical(Decimal.java:84)"
	  "~json.JsonConverter$1.toConnect(JsonConverter.java:171)|2|" },
	{ "JsonConverter", "DataException: Invalid null value",
	  "~json.JsonConverter.convertToConnect(JsonConverter.java:707)~json.JsonConverter.lambda$static$9(JsonConverter.java:91)"
	  "~json.JsonConverter.convertToConnect(JsonConverter.java:752)~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Invalid type for Date, underlying representa",
	  "~json.JsonConverter$2.toConnect(JsonConverter.java:192)~json.JsonConverter.convertToConnect(JsonConverter.java:749)"
	  "~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Invalid type for Decimal, underlying represe",
	  "~json.JsonConverter$1.toConnect(JsonConverter.java:177)~json.JsonConverter.convertToConnect(JsonConverter.java:749)"
	  "~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Invalid type for Timestamp, expected Date bu",
	  "~json.JsonConverter$4.toJson(JsonConverter.java:217)~json.JsonConverter.convertToJson(JsonConverter.java:597)"
	  "~json.JsonConverter.convertToJsonWithEnvelope(JsonConverter.java:572)"
	  "~json.JsonConverter.fromConnectData(JsonConverter.java:326)",
	  "" },
	{ "JsonConverter", "DataException: Invalid type for Timestamp, underlying repre",
	  "~json.JsonConverter$4.toConnect(JsonConverter.java:224)~json.JsonConverter.convertToConnect(JsonConverter.java:749)"
	  "~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Invalid value: null used",
	  "~data.ConnectSchema.validateValue(ConnectSchema.java:224)~data.ConnectSchema.validateValue(ConnectSchema.java:217)"
	  "~data.Struct.put(Struct.java:216)~json.JsonConverter.lambda$static$11(JsonConverter.java:136)"
	  "~json.JsonConverter.convertToConnect(JsonConverter.java:752)~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: JsonConverter with schemas.enable requires", "~json.JsonConverter.toConnectData(JsonConverter.java:350)", "" },
	{ "JsonConverter", "DataException: Map schema did not specify the key type",
	  "~json.JsonConverter.asConnectSchema(JsonConverter.java:500)~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "JsonConverter", "DataException: Map schema did not specify the value type",
	  "~json.JsonConverter.asConnectSchema(JsonConverter.java:503)~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "JsonConverter", "DataException: Maps with non-string fields should be encode",
	  "~json.JsonConverter.lambda$static$10(JsonConverter.java:113)"
	  "~json.JsonConverter.convertToConnect(JsonConverter.java:752)~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Maps with string fields should be encoded as",
	  "~json.JsonConverter.lambda$static$10(JsonConverter.java:105)"
	  "~json.JsonConverter.convertToConnect(JsonConverter.java:752)~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Schema must contain 'type' field",
	  "~json.JsonConverter.asConnectSchema(JsonConverter.java:460)~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "JsonConverter", "DataException: Schema parameters must have string values.",
	  "~json.JsonConverter.asConnectSchema(JsonConverter.java:549)~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "JsonConverter", "DataException: Struct schema's",
	  "~json.JsonConverter.asConnectSchema(JsonConverter.java:510)~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "JsonConverter", "DataException: Struct schema's field name not specified pro",
	  "~json.JsonConverter.asConnectSchema(JsonConverter.java:514)~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "JsonConverter", "DataException: Structs should be encoded as JSON objects, b",
	  "~json.JsonConverter.lambda$static$11(JsonConverter.java:127)"
	  "~json.JsonConverter.convertToConnect(JsonConverter.java:752)~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Time values must use number of milliseconds",
	  "~data.Time.toLogical(Time.java:78)~json.JsonConverter$3.toConnect(JsonConverter.java:209)"
	  "~json.JsonConverter.convertToConnect(JsonConverter.java:749)~json.JsonConverter.toConnectData(JsonConverter.java:365)",
	  "" },
	{ "JsonConverter", "DataException: Unknown schema type: ",
	  "~json.JsonConverter.asConnectSchema(JsonConverter.java:519)~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "JsonConverter", "SchemaBuilderException: Cannot create field because of field name du",
	  "~data.SchemaBuilder.field(SchemaBuilder.java:330)~json.JsonConverter.asConnectSchema(JsonConverter.java:515)"
	  "~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "JsonConverter", "SchemaBuilderException: Invalid default value",
	  "~data.SchemaBuilder.defaultValue(SchemaBuilder.java:131)~json.JsonConverter.asConnectSchema(JsonConverter.java:556)"
	  "~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "~data.ConnectSchema.validateValue(ConnectSchema.java:224)~data.ConnectSchema.validateValue(ConnectSchema.java:217)"
	  "~data.ConnectSchema.validateValue(ConnectSchema.java:213)~data.SchemaBuilder.defaultValue(SchemaBuilder.java:129)|2|" },
	{ "JsonConverter", "SchemaBuilderException: keySchema cannot be null.",
	  "~data.SchemaBuilder.map(SchemaBuilder.java:376)~json.JsonConverter.asConnectSchema(JsonConverter.java:504)"
	  "~json.JsonConverter.toConnectData(JsonConverter.java:362)",
	  "" },
	{ "LongConverter", "DataException: Failed to deserialize long:",
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:116)"
	  "~converters.LongConverter.toConnectData(LongConverter.java:32)",
	  "^org.apache.kafka.common.serialization.LongDeserializer.deserialize(LongDeserializer.java:30)"
	  "^org.apache.kafka.common.serialization.LongDeserializer.deserialize(LongDeserializer.java:24)"
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:114)|1|" },
	{ "MaskField", "DataException: Cannot mask value of type",
	  "~transforms.MaskField.maskWithCustomReplacement(MaskField.java:157)~transforms.MaskField.masked(MaskField.java:151)"
	  "~transforms.MaskField.applyWithSchema(MaskField.java:135)~transforms.MaskField.apply(MaskField.java:117)",
	  "" },
	{ "MaskField", "DataException: Cannot mask value of type:",
	  "~transforms.MaskField.maskWithNullValue(MaskField.java:174)~transforms.MaskField.masked(MaskField.java:151)"
	  "~transforms.MaskField.applyWithSchema(MaskField.java:135)~transforms.MaskField.apply(MaskField.java:117)",
	  "" },
	{ "MaskField", "DataException: Only Map objects supported in absence of sch",
	  "~transforms.util.Requirements.requireMap(Requirements.java:38)"
	  "~transforms.MaskField.applySchemaless(MaskField.java:122)~transforms.MaskField.apply(MaskField.java:115)",
	  "" },
	{ "MaskField", "DataException: Only Struct objects supported for",
	  "~transforms.util.Requirements.requireStruct(Requirements.java:52)"
	  "~transforms.MaskField.applyWithSchema(MaskField.java:131)~transforms.MaskField.apply(MaskField.java:117)",
	  "" },
	{ "MaskField", "DataException: Unable to convert abc",
	  "~data.Values.asLong(Values.java:683)~data.Values.convertToLong(Values.java:170)"
	  "~transforms.MaskField.lambda$static$3(MaskField.java:87)"
	  "~transforms.MaskField.maskWithCustomReplacement(MaskField.java:160)~transforms.MaskField.masked(MaskField.java:151)"
	  "~transforms.MaskField.applySchemaless(MaskField.java:125)~transforms.MaskField.apply(MaskField.java:115)",
	  "^java.base/java.math.BigDecimal.<init>(BigDecimal.java:586)^java.base/java.math.BigDecimal.<init>(BigDecimal.java:471)"
	  "^java.base/java.math.BigDecimal.<init>(BigDecimal.java:900)~data.Values.asLong(Values.java:662)|6|" },
	{ "RegexRouter", "java.lang.IndexOutOfBoundsException: No group",
	  "^java.base/java.util.regex.Matcher.start(Matcher.java:482)"
	  "^java.base/java.util.regex.Matcher.appendExpandedReplacement(Matcher.java:1090)"
	  "^java.base/java.util.regex.Matcher.appendReplacement(Matcher.java:997)"
	  "^java.base/java.util.regex.Matcher.replaceFirst(Matcher.java:1407)~transforms.RegexRouter.apply(RegexRouter.java:71)",
	  "" },
	{ "ReplaceField", "DataException: Only Map objects supported in absence of sch",
	  "~transforms.util.Requirements.requireMap(Requirements.java:38)"
	  "~transforms.ReplaceField.applySchemaless(ReplaceField.java:149)~transforms.ReplaceField.apply(ReplaceField.java:142)",
	  "" },
	{ "ReplaceField", "DataException: Only Struct objects supported for",
	  "~transforms.util.Requirements.requireStruct(Requirements.java:52)"
	  "~transforms.ReplaceField.applyWithSchema(ReplaceField.java:165)~transforms.ReplaceField.apply(ReplaceField.java:144)",
	  "" },
	{ "SetSchemaMetadata", "DataException: Cannot list fields on non-struct type",
	  "~data.ConnectSchema.fields(ConnectSchema.java:179)~transforms.SetSchemaMetadata.apply(SetSchemaMetadata.java:95)",
	  "" },
	{ "SetSchemaMetadata", "DataException: Schema required for",
	  "~transforms.util.Requirements.requireSchema(Requirements.java:31)"
	  "~transforms.SetSchemaMetadata.apply(SetSchemaMetadata.java:84)",
	  "" },
	{ "ShortConverter", "DataException: Failed to deserialize short:",
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:116)"
	  "~converters.ShortConverter.toConnectData(ShortConverter.java:32)",
	  "^org.apache.kafka.common.serialization.ShortDeserializer.deserialize(ShortDeserializer.java:31)"
	  "^org.apache.kafka.common.serialization.ShortDeserializer.deserialize(ShortDeserializer.java:24)"
	  "~converters.NumberConverter.toConnectData(NumberConverter.java:114)|1|" },
	{ "TimestampConverter", "java.lang.NullPointerException: Cannot invoke",
	  "~transforms.TimestampConverter$1.toRaw(TimestampConverter.java:144)"
	  "~transforms.TimestampConverter.convertTimestamp(TimestampConverter.java:506)"
	  "~transforms.TimestampConverter.convertTimestamp(TimestampConverter.java:516)"
	  "~transforms.TimestampConverter.applySchemaless(TimestampConverter.java:447)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:326)",
	  "" },
	{ "TimestampConverter", "ConnectException: Schema Schema{BYTES} does not correspond to",
	  "~transforms.TimestampConverter.timestampTypeFromSchema(TimestampConverter.java:469)"
	  "~transforms.TimestampConverter.applyValueWithSchema(TimestampConverter.java:424)"
	  "~transforms.TimestampConverter.applyWithSchema(TimestampConverter.java:411)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:328)",
	  "" },
	{ "TimestampConverter", "ConnectException: Schema Schema{FLOAT",
	  "~transforms.TimestampConverter.timestampTypeFromSchema(TimestampConverter.java:469)"
	  "~transforms.TimestampConverter.applyValueWithSchema(TimestampConverter.java:424)"
	  "~transforms.TimestampConverter.applyWithSchema(TimestampConverter.java:411)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:328)",
	  "" },
	{ "TimestampConverter", "ConnectException: Schema Schema{INT",
	  "~transforms.TimestampConverter.timestampTypeFromSchema(TimestampConverter.java:469)"
	  "~transforms.TimestampConverter.applyValueWithSchema(TimestampConverter.java:424)"
	  "~transforms.TimestampConverter.applyWithSchema(TimestampConverter.java:411)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:328)",
	  "" },
	{ "TimestampConverter", "ConnectException: Schema Schema{STRUCT} does not correspond to",
	  "~transforms.TimestampConverter.timestampTypeFromSchema(TimestampConverter.java:469)"
	  "~transforms.TimestampConverter.applyWithSchema(TimestampConverter.java:387)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:328)",
	  "" },
	{ "TimestampConverter", "ConnectException: Schema Schema{com.x.Rec:STRUCT} does not cor",
	  "~transforms.TimestampConverter.timestampTypeFromSchema(TimestampConverter.java:469)"
	  "~transforms.TimestampConverter.applyWithSchema(TimestampConverter.java:387)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:328)",
	  "" },
	{ "TimestampConverter", "DataException: Cannot list fields on non-struct type",
	  "~data.ConnectSchema.fields(ConnectSchema.java:179)"
	  "~transforms.TimestampConverter.applyWithSchema(TimestampConverter.java:393)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:328)",
	  "" },
	{ "TimestampConverter", "DataException: Could not parse timestamp: value",
	  "~transforms.TimestampConverter$1.toRaw(TimestampConverter.java:147)"
	  "~transforms.TimestampConverter.convertTimestamp(TimestampConverter.java:506)"
	  "~transforms.TimestampConverter.applyWithSchema(TimestampConverter.java:387)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:328)",
	  "^java.base/java.text.DateFormat.parse(DateFormat.java:399)"
	  "~transforms.TimestampConverter$1.toRaw(TimestampConverter.java:144)|3|" },
	{ "TimestampConverter", "DataException: Only Map objects supported in absence of sch",
	  "~transforms.util.Requirements.requireMap(Requirements.java:38)"
	  "~transforms.TimestampConverter.applySchemaless(TimestampConverter.java:445)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:326)",
	  "" },
	{ "TimestampConverter", "DataException: Only Struct objects supported for",
	  "~transforms.util.Requirements.requireStruct(Requirements.java:52)"
	  "~transforms.util.Requirements.requireStructOrNull(Requirements.java:61)"
	  "~transforms.TimestampConverter.applyWithSchema(TimestampConverter.java:389)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:328)",
	  "" },
	{ "TimestampConverter", "DataException: TimestampConverter does not support",
	  "~transforms.TimestampConverter.inferTimestampType(TimestampConverter.java:485)"
	  "~transforms.TimestampConverter.convertTimestamp(TimestampConverter.java:499)"
	  "~transforms.TimestampConverter.convertTimestamp(TimestampConverter.java:516)"
	  "~transforms.TimestampConverter.applySchemaless(TimestampConverter.java:443)"
	  "~transforms.TimestampConverter.apply(TimestampConverter.java:326)",
	  "" },
	{ "TimestampRouter", "java.lang.IllegalArgumentException: Illegal pattern character 'b'",
	  "^java.base/java.text.SimpleDateFormat.compile(SimpleDateFormat.java:849)"
	  "^java.base/java.text.SimpleDateFormat.initialize(SimpleDateFormat.java:657)"
	  "^java.base/java.text.SimpleDateFormat.<init>(SimpleDateFormat.java:628)"
	  "^java.base/java.text.SimpleDateFormat.<init>(SimpleDateFormat.java:603)"
	  "~transforms.TimestampRouter.lambda$configure$0(TimestampRouter.java:72)"
	  "^java.base/java.lang.ThreadLocal$SuppliedThreadLocal.initialValue(ThreadLocal.java:305)"
	  "^java.base/java.lang.ThreadLocal.setInitialValue(ThreadLocal.java:195)"
	  "^java.base/java.lang.ThreadLocal.get(ThreadLocal.java:172)~transforms.TimestampRouter.apply(TimestampRouter.java:84)",
	  "" },
	{ "ValueToKey", "DataException: Field does not exist: ",
	  "~transforms.ValueToKey.applyWithSchema(ValueToKey.java:101)~transforms.ValueToKey.apply(ValueToKey.java:79)",
	  "" },
	{ "ValueToKey", "DataException: Only Map objects supported in absence of sch",
	  "~transforms.util.Requirements.requireMap(Requirements.java:38)"
	  "~transforms.ValueToKey.applySchemaless(ValueToKey.java:84)~transforms.ValueToKey.apply(ValueToKey.java:77)",
	  "" },
	{ "ValueToKey", "DataException: Only Struct objects supported for",
	  "~transforms.util.Requirements.requireStruct(Requirements.java:52)"
	  "~transforms.ValueToKey.applyWithSchema(ValueToKey.java:93)~transforms.ValueToKey.apply(ValueToKey.java:79)",
	  "" },
};
const size_t con_frames_n = ARRAY_LEN(con_frames);
