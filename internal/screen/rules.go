package screen

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// rule finds one kind of wording.
type rule struct {
	code  string
	cased bool           // look at capitals too
	find1 *regexp.Regexp // what is looked for
	spare *regexp.Regexp // taken out of the text first: other things that the same words mean
	not   *regexp.Regexp // a text that holds this is not held
	alone bool           // held for this when nothing else was found
}

// rules are compiled when the first text is read, so that no other command pays for them.
var rules = sync.OnceValue(func() []rule {
	return slices.Concat(purposeRules(), manners())
})

// find returns the wording that the rule finds, or nothing.
func (r rule) find(t text) string {
	forms := []string{t.low, t.bare}
	if r.cased {
		forms = []string{t.cased}
	}
	for _, s := range forms {
		if s == "" || r.not != nil && r.not.MatchString(s) {
			continue
		}
		if r.spare != nil {
			s = r.spare.ReplaceAllString(s, " | ")
		}
		if found := r.find1.FindString(s); found != "" {
			return found
		}
	}
	return ""
}

// excused reports whether a rule does not apply to an offence: who is missing must be named.
func (r rule) excused(offence string) bool {
	return r.code == Victim && slices.Contains([]string{"X-MISSING", "X-DEMENTIA", "X-CHILD", "X-SEARCH", "100"}, offence)
}

// words compiles alternatives that begin and end at word borders.
func words(alternatives ...string) *regexp.Regexp {
	return regexp.MustCompile(`\b(?:` + strings.Join(alternatives, "|") + `)\b`)
}

func purposeRules() []rule {
	return []rule{
		{code: "purpose_protest",
			find1: words(`protest(?:s|ed|er|ers|ing|ors?)?`, `demonstrat(?:ion|ions|or|ors|ed|ing)`, `activists?`, `rall(?:y|ies|ied)`, `picket\w*`, `on strike`,
				`(?:the|a|their|labor|workers'?) strike`, `strikers?`, `strike breakers?`, `sit-?ins?`, `walk-?outs?`, `vigils?`, `chant(?:ed|s|ing)?`, `marchers?`, `marched (?:on|along|through|to|down|against|for)`,
				`banners`, `placards?`, `slogans?`, `parades?`, `pride`, `speakers`, `(?:holding|carried|carrying|with) signs`, `tent camp`, `occupied the (?:square|park|plaza|street|building|lawn)`, `human chain`, `linked arms`, `petitions?`, `blocked? the (?:road|street|intersection|entrance|bridge)`, `drums`, `flyers|leaflets`, `civil disobedience`, `counter-?protest\w*`, `boycott\w*`, `black lives matter`, `encampment`, `die-in`,
				`protest(?:a|as|aba|aban|o|aron|ar|ando|antes?)`, `manifestaci(?:on|ones)`, `manifestantes?`, `manifestarse`, `huelg(?:a|as|uistas?)`, `piquetes?`, `sentadas?`, `planton(?:es)?`,
				`concentraci(?:on|ones)`, `activistas?`, `vigilias?`, `consignas`, `pancartas?`, `carteles`, `tambores`, `desfiles?`, `orgullo`, `oradores`, `acampa\w*`, `cadena humana`, `lemas`, `ocuparon la plaza`, `cortaron la (?:calle|avenida|ruta)`, `bloquearon la (?:calle|avenida|entrada)`, `volantes`, `megafonos?`, `marcha (?:por|de|contra|hacia|a favor|del)`, `marchas`, `boicot\w*`, `acampada`),
			spare: words(`demonstration (?:car|vehicle|model|unit|video)s?`, `rally (?:stripes?|car|cars|wheels?)`, `lightning strikes?`, `strike of lightning`, `the strike (?:of|by) (?:the )?(?:car|truck|vehicle|lightning)`,
				`(?:en|puso en|puesta en) marcha`, `marcha atras`, `concentraci(?:on|ones) de (?:humo|gas|drogas?|alcohol)`, `banner ads?`, `campaign rally`, `(?:tv|car|loud|smart) speakers`, `carteles? (?:de alto|de la tienda|publicitarios?)`, `sentadas? (?:en|a) (?:un|una|el|la)`, `volantes? (?:del|de un|de los) (?:auto|coche|carro)\w*`)},
		{code: "purpose_protest", cased: true, find1: words(`(?:the|a|this|their|protest|peace) march`), spare: words(`march(?:ing)? bands?`)},
		{code: "purpose_worship",
			find1: words(`worshipp?(?:ers?|ing)?`, `congregants?`, `congregations?`, `parishioners?`, `prayers?`, `praying`, `pray`, `sermons?`, `ramadan`, `sabbath`, `shabbat`, `bible study`, `(?:sunday|church|evening|morning|prayer|religious) (?:service|services|mass)`, `the faithful`,
				`(?:attend\w*|entering|enter|entered|leaving|left|members?|visitors?|everyone|whoever|those)\b[^.]{0,40}\b(?:mosque|church|synagogue|temple|gurdwara|chapel)`,
				`fieles`, `feligres(?:es|a|as)?`, `misas?`, `culto`, `oracion(?:es)?`, `rezar|rezan|rezaban|rezo`, `congregacion(?:es)?`, `celebracion religiosa`, `servicio religioso`, `sermon(?:es)?`,
				`(?:entran|entraban|entrar|entrando|sale\w*|salir|asist\w+|acud\w+|miembros|quienes|visitantes)\b[^.]{0,40}\b(?:mezquita|iglesia|sinagoga|templo|capilla)`),
			spare: words(`praying mantis`, `(?:entered|left) the (?:church|mosque|temple|synagogue)'?s? (?:lot|parking lot|garage)`)},
		{code: "purpose_worship", not: damage(), find1: words(`mosques?`, `church(?:es)?`, `synagogues?`, `temples?`, `shul`, `gurdwara`, `kingdom hall`, `islamic cent(?:er|re)`, `bible`, `quran`, `torah`, `parish`, `chapel`, `monastery`, `convent`, `imam`, `rabbi`, `priest`,
			`mezquitas?`, `iglesias?`, `sinagogas?`, `templos?`, `salon del reino`, `centro islamico`, `biblia`, `coran`, `parroquias?`, `capillas?`, `rezos?`, `pascual`, `cura`, `rabino`)},
		{code: "purpose_assembly", not: damage(), find1: words(`(?:union )?organi[sz]ers?`, `(?:machinists|teachers|nurses|drivers|teamsters|carpenters)'? (?:local|union)`, `the local`, `fund-?raisers?`, `candidates?`, `(?:mayoral|council|senate|sheriff's|election|governor's) (?:race|campaign|opponent)`, `opponent`, `door knock\w+`, `forums?`, `precincts?`, `caucus`, `election`,
			`gremios?`, `candidat[oa]s?`, `delegad[oa]s?`, `recaudacion`, `rival`, `foros?`, `elecciones`, `campana electoral`, `partido (?:politico|de|democrata|republicano)`)},
		{code: "purpose_assembly",
			find1: words(`union (?:meetings?|cards?|rall(?:y|ies)|drive|vote|organi[sz]\w+|members?|hall|activit(?:y|ies))`, `unioni[sz]\w+`, `political (?:meetings?|rall(?:y|ies)|events?|gatherings?|parties|party)`, `campaign (?:rall(?:y|ies)|events?|volunteers?|meetings?|stop)`,
				`canvass(?:ers?|ing|ed)`, `town halls?`, `tenants'? (?:union|meetings?|association meetings?)`, `polling (?:places?|stations?)`, `voters?`, `ballots?`, `party meetings?`,
				`(?:reunion(?:es)?|asambleas?|junta) (?:del sindicato|sindical(?:es)?|politicas?|de(?: los)? (?:inquilinos|trabajadores|obreros|vecinos))`, `afiliacion(?:es)? sindical(?:es)?`, `miti?n(?:es)?`, `actos? politicos?`, `sindicalistas?`, `votantes?`, `casillas? electoral(?:es)?`, `colegios? electoral(?:es)?`, `voluntarios de (?:la )?campana`)},
		{code: "purpose_press",
			find1: words(`reporters?`, `journalists?`, `news ?crews?`, `podcasters?`, `(?:tv|television|film) (?:crews?|teams?|stations?)`, `(?:press|news) (?:photo|conference)\w*`, `(?:photographed|filmed|filming|recorded|recording) (?:our |the |some )?(?:officers?|police|deput\w+)`, `for the (?:courier|times|herald|tribune|gazette|post|chronicle|journal)`, `camera crews?`, `bloggers?`, `photojournalists?`, `(?:newspaper|press|news) photographers?`, `news (?:van|team|helicopter)`, `tv crews?`,
				`periodistas?`, `reporter[oa]s?`, `noticieros?`, `podcasts?`, `equipos? de (?:television|tv|prensa)`, `(?:fotografi\w+|film\w+|grab\w+) a (?:los |unos |nuestros )?(?:agentes|oficiales|policias)`, `para el (?:correo|diario|heraldo|periodico)`, `bloguer[oa]s?`, `fotograf[oa]s? (?:del|de un|de la) (?:periodico|diario|prensa|revista)`, `equipos? de camaras`, `corresponsal(?:es)?`),
			spare: words(`(?:reporter|journalist|blogger)'s (?:car|house|home|bicycle|bike|van|truck|garage|laptop|bag|mailbox)`, `(?:auto|carro|coche|casa|bicicleta|camioneta|bolso|buzon) (?:de un|de una|del|de la) (?:periodista|reporter[oa]|bloguer[oa])`)},
		{code: "purpose_immigration",
			find1: words(`undocumented`, `non-?citizens?`, `federal agents?`, `removal order`, `cross(?:ed|ing) the border`, `(?:lack|lacks|lacking|without|no|have no|expired) (?:documents|papers)`, `(?:papers|documents) (?:have |has |are )?expired`, `day lab\w+`, `day work`, `green cards?`, `illegal (?:aliens?|immigra\w+|migrants?|border)`, `illegals`, `(?:in|entered|came to|into) (?:the|this) country illegally`, `illegally in (?:the|this) country`, `here (?:il)?legally`, `(?:im)?migrants?`, `immigration`, `deport\w*`, `without papers`, `no papers`, `homeland security`,
				`border patrol`, `border crossing`, `iceagents`, `customs enforcement`, `visa (?:status|overstay\w*)`, `overstay\w*`, `asylum seekers?`, `work permits?`, `287\(?g\)?`,
				`indocumentad[oa]s?`, `sin papeles`, `orden de expulsion`, `agentes federales`, `cruz\w+ la frontera`, `(?:no tienen|sin|falta de) (?:documentos|papeles)`, `(?:papeles|documentos) vencidos`, `jornaleros`, `la migra`, `ilegalmente en (?:el|este) pais`, `(?:in|e)?migrantes?`, `inmigracion`, `deporta\w*`, `patrulla fronteriza`, `seguridad nacional`, `(?:situacion|estatus|estado|condicion) migratori[oa]`, `(?:visas?|visados?) (?:vencid[oa]s?|caducad[oa]s?)`,
				`(?:los|las|unos|dos|tres|cuatro|varios|esos|estos|muchos) ilegales`, `residencia legal`, `permisos? de (?:residencia|trabajo)`, `solicitantes? de asilo`, `orden de deportacion`),
			spare: words(`immigration (?:museum|street)`, `(?:carreras|armas|fuegos|juegos|apuestas|basureros|dos juegos) ilegales`)},
		{code: "purpose_immigration", cased: true, find1: words(`ICE|I\.C\.E\.|USCIS|CBP|ERO`), spare: words(`(?:BLACK|THIN|DRY) ICE`, `ICE (?:CREAM|RINK|SKATING|ON|STORM|ROAD)`), not: shouting()},
		{code: "purpose_reproductive_care",
			find1: words(`abortions?`, `abort(?:ed|ing)?`, `planned parenthood`, `women'?s (?:health )?(?:clinic|center)s?`, `(?:fertility|reproductive)(?: health)? (?:clinic|care|center)s?`, `(?:end|ended|ending|terminat\w+)\b[^.]{0,20}\bpregnancy`, `miscarriages?`, `miscarr(?:y|ied|ying)`, `family planning`, `morning-after pills?`, `mifepristone|misoprostol`, `contracepti\w+`,
				`abortos?`, `abort(?:iv[oa]s?|ar|o|aron|ando)`, `clinicas? de (?:la mujer|mujeres|fertilidad)`, `(?:interrump\w+|interrupcion|termin\w+)\b[^.]{0,20}\bembarazo`, `salud reproductiva`, `planificacion familiar`, `perdio (?:el|al|su) bebe`, `misoprostol|mifepristona`, `atencion reproductiva`, `pildoras? del dia (?:despues|siguiente)`, `anticoncepti\w+`)},
		{code: "purpose_gender_care",
			find1: words(`gender (?:clinic|care|identity|transition)s?`, `gender-affirming`, `transgender(?:ed)?`, `transition(?:ing|ed)`, `drag (?:queens?|performers?|show)`, `transsexuals?`, `trans (?:child|children|kids?|teens?|teenagers?|girls?|boys?|youths?|persons?|people|wom[ae]n|m[ae]n|patients?)`, `(?:gives?|prescrib\w+|taking|takes|on) hormones`, `hormone (?:therapy|treatment)s?`, `puberty blockers?`,
				`clinicas? de genero`, `transgeneros?`, `en transicion`, `bloqueadores`, `transexual(?:es)?`, `(?:nin[oa]s?|personas?|mujer(?:es)?|hombres?|jovenes|adolescentes?|pacientes?|chic[oa]s?) trans`, `afirmacion de genero`, `identidad de genero`, `(?:da|receta|toma|terapia de|tratamiento de|tratamiento con) hormonas`, `bloqueadores? de (?:la )?pubertad`)},
		{code: "purpose_curfew",
			find1: words(`curfews?`, `truan(?:t|ts|cy)`, `(?:cut|cuts|cutting|skip\w*|ditch\w*) class(?:es)?`, `underage`, `must be home`, `out past`, `(?:kids|teens|teenagers|minors|juveniles) (?:hang|hanging|gather|roam)\w*`, `skip(?:s|ped|ping)? school`, `status offenses?`, `(?:minors?|teens?|teenagers?|juveniles?|youths?|students?|kids?)\b[^.]{0,30}\bloiter\w*`, `loitering (?:minors?|teens?|teenagers?|juveniles?|youths?|students?)`, `underage drink\w*`, `runaways?`, `during school hours`, `school hours`,
				`toques? de queda`, `deben estar en casa`, `(?:de pinta|hacer la pinta|se fugan de clase|se van de clase)`, `(?:chicos|menores|jovenes|muchachos) se juntan`, `menores en la calle`, `(?:menores|adolescentes|jovenes|estudiantes|alumnos|muchach[oa]s)\b[^.]{0,30}\bmerode\w*`, `falta(?:ban|n|r|ron)? a (?:clase|clases|la escuela)`, `horas? (?:de escuela|escolares?|de clase)`, `ausentismo escolar`, `faltas? de menores`)},
	}
}

// damage finds texts about a crime or a crash at a place, which for that place's purpose are as good as at any other.
func damage() *regexp.Regexp {
	return words(`(?:broke|broken|break|breaking)(?:-?in)?`, `damag\w+`, `stole|stolen|theft|thief|thieves`, `taken|took`, `robbed|robbery`, `forced|pried`, `smashed`, `cut`, `paint\w*`, `graffiti`, `hit|struck|crash\w*|scraped|sideswiped`, `fire|burned|arson|set alight`, `shot|shots|stabbed`, `vandal\w+`, `pulled|loaded`, `unscrewed|emptied|wrecked|hammer\w*`, `thrown|threw`,
		`entraron|forz\w+|rompi\w+|romper|destroz\w+`, `dan(?:o|aron|ado|ada)`, `rob(?:o|aron|ado|ada)|hurt\w+|ladron(?:es)?`, `llev(?:o|aron|arse)`, `pint(?:o|aron|ada|ura)`, `choc\w+|golpe\w+|atropell\w+`, `fuego|incendi\w+|quem\w+|prendi\w+`, `dispar\w+|apunal\w+`, `cort(?:o|aron)`, `asalt\w+`, `arranc\w+|desatornill\w+|vaci\w+|martill\w+`, `tir(?:o|aron)`)
}

// incident finds texts that ask for footage, or tell what happened.
func incident() *regexp.Regexp {
	return regexp.MustCompile(damage().String() + `|\b(?:footage|videos?|cameras?|record\w*|clips?|films?|images?|pictures?|missing|lost|seen|saw|see|left|found|died|killed|hurt|injured|attacked|followed|fled|ran|drove|went|was|were|has been|had|came|wore|hid|\w{3,}ed|` +
		`grabaci\w+|grab\w+|camaras?|imagen(?:es)?|falta|desaparec\w+|vio|vimos|vieron|visto|salio|hallo|murio|herid\w+|huy\w+|fue|fueron|estaba|habia|busca\w*|investig\w+|rozo|paro|tomo|siguio|quito|vestia|llevaba|salia|\w{2,}(?:aron|ieron|aban|ian))\b`)
}

// shouting finds texts in capitals, in which "ICE" may be frozen water.
func shouting() *regexp.Regexp { return regexp.MustCompile(`(?:\b[A-Z]{2,}\b[ ,.]+){6,}`) }

// A name is two capitalised words of which the second is no part of a place's name.
const (
	capital = `[A-Z][a-z'-]+`
	name    = `(?:` + capital + ` (?:[A-Z]\. )?` + capital + `)`
	places  = `[A-Z][a-z'-]+ (?:Street|St|Avenue|Ave|Road|Rd|Drive|Lane|Court|Place|Park|School|Hall|Library|Bank|Hospital|Station|Market|Boulevard|Creek|River|Bridge|Center|County|City|Police|Department|Church|Store|Night)|(?:[Cc]alle|[Aa]venida|[Pp]arque|[Ee]scuela|[Ii]glesia|[Cc]amino) ` + capital
)

func manners() []rule {
	return slices.Concat(pressure(), descriptions(), identities(), announcements())
}

func pressure() []rule {
	return []rule{
		{code: Pressure, find1: words(
			`(?:if you|those who|anyone who|whoever|residents who|homes that|neighbors who)\b[^.]{0,40}\b(?:do not|don't|does not|refuse\w*|withhold\w*|fail\w*|will not|won't|keeps?)\b`,
			`failure to (?:provide|send|share|submit|respond|comply|cooperate|hand)`, `obstruct\w*(?: of)? justice`, `(?:are|is) (?:required|obliged|ordered) to (?:hand|send|share|provide|submit|give|turn)`,
			`(?:you|residents|owners|neighbors|everyone) must (?:send|share|submit|provide|hand|give|turn|upload|report|cooperate)`, `mandatory`, `no exceptions?`, `(?:every|each|all) (?:household|home|resident|neighbor)s?\b[^.]{0,30}\b(?:must|upload|send|share|submit|provide)`, `(?:we|i) expect`, `explain to a judge`, `why you (?:hid|did not|kept)`, `part of the problem`, `silence`, `refus(?:al|als|ing|es|ed)`, `court orders?`, `knocking on (?:your )?doors?`, `will be (?:noted|recorded|listed|reported)`, `or else`, `consequences`, `your duty`, `owe`, `(?:we|officers|police) will (?:know|visit|come|be back|seize|take|return)`, `come back with a warrant`, `take (?:the|your) cameras?`,
			`rewards?`, `(?:gift cards?|raffle|discounts?|cash) (?:for|to)`, `dollars for (?:every|each)`, `last chance`, `(?:before|or) we (?:subpoena|seize|get a warrant)`, `subpoena\w*`, `your fault`, `good neighbors`, `do the right thing`, `could be (?:next|your (?:child|family|home))`, `(?:held|be) responsible`, `protects? (?:a|the) criminals?`, `be charged`, `blood on your hands`, `not cooperat\w+`, `name and shame`,
			`si no (?:envia|entrega|comparte|manda|coopera|colabora|responde)\w*`, `(?:quien(?:es)?|el que|los que) (?:no (?:envi|entreg|compart|mand|cooper|colabor|ayud|respond)\w*|se guarden?)`, `no (?:entregar|enviar|compartir|responder|cooperar)\b`, `obstruccion`, `obligad[oa]s? a`,
			`debe(?:n|ran?)? (?:entregar|enviar|compartir|mandar|subir|cooperar|colaborar)`, `tiene(?:n)? que (?:entregar|enviar|compartir|mandar|responder por)`, `tendran? que responder`, `obligatori[oa]`, `sin excepci\w+`, `(?:cada|todo) (?:hogar|vecino|casa|residente)\b[^.]{0,30}\b(?:suba|envie|mande|comparta|entregue|debe)`, `esperamos que`, `explique al juez`, `complice`, `silencio`, `neg(?:arse|ativa)`, `ordenes? (?:del|de un) juez`, `tocar puertas`, `constara`, `consecuencias`, `su deber`, `(?:volveremos|vendremos|regresaremos) con`, `(?:nos )?llevaremos la camara`, `sabremos quien`, `visitara(?:n|mos)?`, `recompensas?`,
			`dolares para cada`, `ultima oportunidad`, `antes de que (?:citemos|obtengamos|confisquemos)`, `culpa suya|su culpa`, `buenos vecinos`, `haga lo correcto`, `podria ser su`, `protege a un criminal`, `tarjetas? de regalo`, `sera(?:n)? responsables?`),
			spare: words(`you (?:need|do) not (?:answer|have to|need to)\b[^.]*`, `reward (?:card|program|points)`, `no (?:tiene|hay|es) (?:que|obligacion|obligatorio)\b[^.]*`)},
	}
}

// descriptions finds a person described by race, in a text that says nothing else of anybody's looks.
func descriptions() []rule {
	race := `(?:black|white|hispanic|latin[oax]|latinx|asian|african[- ]american|middle[- ]eastern|arab|arabic|native american|american indian|indian|mexican|caucasian|chinese|somali|(?:dark|light|brown)-skinned)`
	who := `(?:males?|females?|m[ae]n|wom[ae]n|persons?|people|teen(?:s|agers?)?|youths?|boys?|girls?|kids?|guys?|suspects?|subjects?|individuals?|adults?|juveniles?|couple|group|family)`
	raza := `(?:negr[oa]s?|blanc[oa]s?|hispan[oa]s?|latin[oa]s?|asiatic[oa]s?|arabes?|afroamerican[oa]s?|moren[oa]s?|indigenas?|mexican[oa]s?|chin[oa]s?|somal[ií](?:es)?|gitan[oa]s?)`
	quien := `(?:hombres?|mujer(?:es)?|personas?|varon(?:es)?|jovenes|joven|chic[oa]s?|muchach[oa]s?|adolescentes?|sujetos?|individuos?|tipos?|sospechos[oa]s?|nin[oa]s?|pareja|grupo)`
	other := words(`jackets?`, `hood(?:ie|ies|ed)?`, `(?:t-)?shirts?`, `coats?`, `pants`, `jeans`, `shorts`, `caps?`, `hats?`, `beards?`, `hair(?:ed)?`, `bald`, `tall`, `short`, `feet`, `inches`, `years? old`, `\d0s`, `(?:twent|thirt|fort|fift|sixt)ies`, `tattoos?`, `glasses`, `backpacks?`, `shoes`, `boots`, `sneakers`, `masks?`, `helmets?`, `scars?`, `limp\w*`, `slim`, `heavy-?set`, `wearing|wore|wears|dressed`, `build`, `raincoats?`, `dress`, `uniforms?`, `vests?`, `gloves`, `sweaters?`, `bicycle|bike|scooter|motorcycle`,
		`chaquetas?`, `capuchas?`, `sudaderas?`, `camis(?:a|as|eta|etas)`, `abrigos?`, `pantalon(?:es)?`, `gorr[oa]s?`, `sombreros?`, `barba`, `pelo`, `cabello`, `calvo`, `alt[oa]`, `baj[oa] de estatura`, `metros?`, `de \d+ anos`, `(?:veinte|treinta|cuarenta|cincuenta|sesenta)\w* anos`, `tatuajes?`, `gafas|lentes|anteojos`, `mochilas?`, `zapatos`, `zapatillas`, `botas`, `mascaras?|mascarilla`, `cascos?`, `cicatriz`, `cojea`, `delgad[oa]`, `viste|vestia|vestid[oa]|llevaba|lleva`, `impermeables?`, `chalecos?`, `guantes`, `bicicleta|moto|motocicleta|patineta`)
	return []rule{
		{code: RaceOnly, not: other, find1: words(
			race+` (?:or `+race+` )?`+who, race+`,? (?:young |old |older |adult )?`+who, who+` of (?:color|`+race+` (?:descent|origin|appearance))`, `(?:of|is|are|was|were|appeared) `+race+` (?:descent|origin|appearance)`, `(?:is|was|are|were|be|looked|appeared) (?:believed |thought |said )?(?:to be )?`+race,
			quien+` (?:de (?:raza|piel|origen|aspecto|color) )?`+raza, quien+` `+raza+` (?:o|y) `+raza, `(?:un|una|unos|unas|los|las|el|dos|tres) (?:moren[oa]s?|indigenas?|hispan[oa]s?|latin[oa]s?|arabes?|asiatic[oa]s?|afroamerican[oa]s?|gitan[oa]s?|negr[oa]s?)`, `de (?:raza|origen|aspecto) `+raza, `de piel oscura`, `(?:es|era|son|eran|ser|parecia|parece) `+raza),
			spare: words(`(?:el|un|una|la) (?:negr[oa]|blanc[oa]) (?:auto|carro|sedan|camioneta)`, `(?:white|black) (?:people mover|man hole)`)},
	}
}

// identities finds what tells who a victim is, and who is said to have done it.
func identities() []rule {
	harmed := `(?:robbed|stabbed|assaulted|attacked|raped|beaten|shot|killed|murdered|knocked|mugged|followed|abducted|threatened|injured|struck)`
	danado := `(?:asaltad[oa]|apunalad[oa]|agredid[oa]|atacad[oa]|violad[oa]|golpead[oa]|herid[oa]|asesinad[oa]|robad[oa]|atropellad[oa]|amenazad[oa])`
	title := `(?:Mrs|Mr|Ms|Miss|Dr|Pastor|Reverend|Father|Coach|Professor|Principal|Senora?|senora?|Sra?|Srta|Don|Dona|don|dona)\.?`
	family := `(?:daughter|son|wife|husband|mother|father|girlfriend|boyfriend|child)`
	familia := `(?:hij[oa]|espos[oa]|madre|padre|novi[oa]|mujer|marido)`
	did := `(?:stole|set|robbed|broke|took|attacked|stabbed|shot|burned|smashed|damaged|vandali[sz]ed|burglari[sz]ed|assaulted|killed|hit)`
	hizo := `(?:robo|prendio|quemo|asalto|rompio|ataco|apunalo|disparo|dano|agredio|mato|hurto|incendio|golpeo)`
	return []rule{
		{code: Victim, cased: true, spare: regexp.MustCompile(`\b(?:` + places + `)\b`), find1: words(
			`(?:[Vv]ictims?|[Vv]ictimas?)[ ,:]+(?:(?:is|was|has been|fue|es|ha sido)? ?(?:identified as|named|identificad[oa]s? como|llamad[oa])? ?)`+name,
			name+`,? (?:a |de |aged )?\d{1,2}(?: anos| years old)?,? (?:was|is|fue|es) `+`(?:`+harmed+`|`+danado+`)`,
			name+`,? (?:was|fue) (?:`+harmed+`|`+danado+`)`,
			title+` `+capital+`(?: `+capital+`)?`,
			`A `+name+` (?:la|lo|le) `+`[a-z]+`, name+`,? (?:was|fue|is) [a-z]+(?:ed|en|ada|ado|ida|ido)`)},
		{code: Victim, find1: words(
			`(?:woman|man|girl|boy|victim|person|child|teenager)s? who (?:lives?|resides?|works?) (?:at|in|on|near|for)`, `victims? (?:lives?|works?|attends?|studies|resides?) `+`(?:at|in|on|near|for)?`, `victim (?:drives|owns|teaches|runs|coaches|manages|cleans|serves|plays|sings|sells)`, `'s (?:wife|husband|daughter|son|mother|father|brother|sister|girlfriend|boyfriend) (?:was|were|is)`, `(?:brother|sister|wife|husband|son|daughter|mother|father) of [a-z]+ [a-z]+`, `complainant`, `victim is (?:a|an|the) (?:\w+ ){1,3}(?:at|of|in|from)`, `victim's (?:home|house|address|apartment|employer|workplace|school) (?:is|at|on)`,
			`(?:assaulted|attacked|raped|abused|murdered|stabbed|robbed) (?:girl|boy|woman|man|child|teenager) is`, `the (?:\d+[- ]year[- ]old )?`+family+` of (?:the|our|a)\b`, `(?:is|was) the \d+[- ]year[- ]old `+family,
			`(?:mujer|hombre|nin[oa]|victima|persona|joven|adolescente) que (?:vive|reside|trabaja) en`, `victima(?: de \w+)? (?:vive|trabaja|estudia|asiste|reside|maneja|ensena|dirige|vende|canta|juega|limpia|atiende)`, `la (?:esposa|hija|madre|hermana) del? \w+`, `el (?:esposo|hijo|padre|hermano) del? \w+`, `denunciante`, `victima es (?:un |una |el |la )?(?:maestr[oa]|medic[oa]|enfermer[oa]|emplead[oa]|duen[oa]|hij[oa]|espos[oa]|alumn[oa]|estudiante|vecin[oa]|cajer[oa]|profesor[a]?)`,
			`(?:nina|nino|mujer|hombre|joven) (?:agredid[oa]|atacad[oa]|violad[oa]|abusad[oa]|asesinad[oa]) es`, `(?:la|el) `+familia+` (?:de \d+ anos )?(?:de la|del|de un|de una) (?:duen[oa]|medic[oa]|alcalde|maestr[oa]|director[a]?)`)},
		{code: Accusation, cased: true, spare: regexp.MustCompile(`\b(?:` + places + `)\b`), find1: words(
			name+`(?:,? (?:of|from|de la|de|del) [^.,]{1,30},?)? (?:`+did+`|`+hizo+`)`, `(?:[Tt]hief|[Bb]urglar|[Rr]obber|[Cc]ulprit|[Aa]rsonist|[Rr]apist|[Kk]iller|[Dd]ealer|[Ll]adron(?:a)?|[Cc]ulpable|[Aa]sesin[oa]|[Vv]iolador|[Dd]elincuente)(?: is| es|,)? `+name,
			`(?:know|knows|sure|sabemos|saben|seguros(?: de)?) (?:that|que) (?:it was |fue )?`+name, `(?:it was|fue) `+name+` (?:who|that|quien|el que|la que)`, `[Ss]uspect,? `+name, `[Ss]ospechos[oa],? `+name, name+`,? (?:who|que|quien) (?:has|have|had|keeps|is|was|viene|ha|anda|sigue|esta)`, name+`,? (?:a|un|una)? ?(?:convicted|known|registered|conocid[oa]|delincuente|ladron|ladrona|felon|thief)`)},
	}
}

func announcements() []rule {
	return []rule{
		// Neither footage nor an incident is spoken of.
		{code: Announcement, alone: true, find1: regexp.MustCompile(`[a-z][^.!?]{10,}`), not: incident()},
		{code: Announcement, find1: words(
			`reminders?:?`, `lock your (?:car|cars|doors?|vehicles?|homes?)`, `join us`, `coffee with (?:a )?cops?`, `stay (?:vigilant|alert|safe|indoors|home)`, `be (?:vigilant|alert)`, `we are hiring`, `now hiring`, `apply to become`, `register your cameras?`, `(?:road ?work|lane closures?|detours?) (?:on|will|at)`, `use another route`, `is expected tonight`, `storm (?:warning|watch)`, `thanks? (?:to )?(?:the|our) community`, `thank you to (?:the|our)`, `national night out`, `meet your`, `safety tips?`, `report (?:anything|any) suspicious`, `rise in (?:\w+ )?(?:thefts?|break-ins|burglaries)`, `open house`, `town picnic`, `crime prevention`, `see something,? say something`,
			`recordatorios?:?`, `cierre (?:su|sus) (?:auto|puertas?|carro|coche|casa)`, `acompanenos`, `cafe con (?:la|un) polic\w+`, `mantengase (?:alerta|atento|seguro)`, `este(?:n)? atent[oa]s?`, `estamos contratando`, `solicite ser`, `registre (?:hoy )?su camara`, `causaran? (?:retrasos|demoras)`, `use otra ruta`, `se espera una tormenta`, `quedese en casa`, `agradece a la comunidad`, `noche nacional`, `conozca a su`, `consejos de seguridad`, `denuncie todo lo sospechoso`, `han aumentado los robos`, `jornada de puertas abiertas`, `prevencion del delito`)},
	}
}
