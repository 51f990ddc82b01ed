/**
 * What is guessed first: the top of the published lists of leaked passwords, in lower case, as far as it is long enough
 * to matter. Words stand for themselves and for every variant with digits and signs around them (see password-policy).
 */
export const commonPasswords: ReadonlySet<string> = new Set(
  `
  12345678 123456789 1234567890 12345678910 0123456789 0987654321 9876543210 987654321 87654321 123123123 1234512345
  12341234 11223344 1122334455 112233445566 147258369 1472583690 123654789 159753456 741852963 789456123 963852741
  123456123 123456654321 11112222 12344321 13579246 24681012 19841984 20002000 01012000 31415926 314159265
  password passw0rd p@ssw0rd p@ssword pa55word pa55w0rd passwort passwords passphrase mypassword thepassword
  newpassword oldpassword motdepasse contrasena contraseña senha123 parola123 haslo123 wachtwoord lozinka
  changeme changeit letmein letmeinnow welcome welcome1 willkommen bienvenue default temporary temppass testing
  testtest testpass testuser tester123 example1 qwerty qwertyui qwertyuiop qwertz qwertzui qwertzuiop azerty azertyui
  azertyuiop qwerasdf asdfasdf asdfghjk asdfghjkl asdfjkl; zxcvbnm zxcvbnm, zxcvasdf qazwsx qazwsxedc qweasd qweasdzxc
  1qaz2wsx 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 zaq12wsx zaq1xsw2 zaq1zaq1 !qaz2wsx
  1qazxsw2 qwer1234 1234qwer 123qweasd 123qweasdzxc asdf1234 zxcv1234 abcd1234 1234abcd abc12345 a1b2c3d4 aa123456
  aa12345678 abcdefgh abcdefghi abcdefghij abcdef12 abcdabcd a1234567 a12345678 a123456789 1a2b3c4d 12345qwert
  iloveyou iloveyou1 iloveyou2 iloveu iloveme ihateyou loveyou loveme lovelove lovely myspace fuckyou fuckyou1
  fuckoff asshole bullshit princess princesa sunshine shadow monkey dragon master mustang michael jennifer jordan
  jordan23 hunter superman batman spiderman ironman wolverine trustno1 football baseball basketball softball soccer
  hockey tennis golfing liverpool arsenal chelsea barcelona realmadrid juventus manchester everton rangers celtic
  yankees cowboys steelers lakers eagles ferrari porsche mercedes corvette harley yamaha computer internet samsung
  nokia123 motorola android iphone google facebook linkedin twitter youtube minecraft pokemon pikachu starwars
  startrek matrix naruto nintendo playstation xbox360 counter killer whatever nothing something anything secret
  topsecret secret123 mysecret administrator admin123 admin1234 adminadmin administrador rootroot toortoor useruser
  guestguest manager manager1 sysadmin operator support security access access14 letmeinplease opensesame
  charlie thomas andrew daniel joshua robert matthew anthony william nicole jessica ashley amanda michelle melissa
  samantha stephanie victoria elizabeth alexander alexandra christian christopher benjamin jonathan sebastian patrick
  vincent maggie ginger pepper cheese cookie banana chocolate butterfly flower purple orange yellow silver golden
  diamond crystal angel123 angels heaven jesus123 jesuschrist blessed blessing godisgood genesis freedom forever
  friends friendship family babygirl babyboy sweetheart sweetie beautiful handsome cutiepie hellokitty hello123
  hellohello goodbye good1234 summer winter spring autumn january february september october november december
  monday friday saturday sunday thunder lightning phoenix tigger snoopy scooby mickey buster bailey cooper rocky123
  chicken elephant dolphin dolphins panther scorpion warrior warriors samurai maverick gandalf merlin legend
  austin dallas london newyork america australia canada germany deutschland england scotland ireland france espana
  mexico brasil brazil singapore indonesia malaysia philippines russia ukraine poland student teacher school college
  university homework company business marketing finance invoice payment billing account guildhall guildhallguildhall
  organization enterprise portal123 credits wallet123 correcthorsebatterystaple
  `
    .trim()
    .split(/\s+/),
);
