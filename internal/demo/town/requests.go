package town

import (
	"time"

	"porchlight.example/internal/footage"
)

const day = 24 * time.Hour

// Requests returns the sample requests, the newest first. Areas lie between 0.05 and 0.45 square miles.
func Requests() []Request {
	return append(policeRequests(), fireRequest(), resolvedRequest())
}

func policeRequests() []Request {
	return []Request{
		{
			Agency: Police, Code: "MLPD-26-0412", Offence: "220", Case: "2026-004127",
			Words: map[string]Words{
				"en": {"Break-in at a home near Juniper Park", "Someone forced the back door of a house south of Juniper Park while the owners were at work, and left with a laptop and jewelry. We are looking for anyone who walked or parked along the streets shown during these three hours, in particular someone carrying a large blue bag."},
				"es": {"Robo en una casa cerca de Juniper Park", "Alguien forzó la puerta trasera de una casa al sur de Juniper Park mientras los dueños trabajaban y se llevó una computadora portátil y joyas. Buscamos a quien haya caminado o estacionado por las calles indicadas durante estas tres horas, en especial a alguien con una bolsa azul grande."},
			},
			Area:  shape([2]float64{-1330, -290}, [2]float64{-680, -270}, [2]float64{-695, 180}, [2]float64{-1345, 160}),
			Place: At(-1010, 40), Before: 3*day + 4*time.Hour, Length: 3 * time.Hour, Open: 11 * day,
		},
		{
			Agency: Police, Code: "MLPD-26-0409", Offence: "X-HIT-RUN", Case: "2026-004090",
			Words: map[string]Words{
				"en": {"Driver left after hitting a cyclist on the East Bank", "A person riding a bicycle was hit by a car and badly hurt. The car, a light-colored station wagon with a broken right headlamp, did not stop. It may have left toward Ferry Road or Airfield Road."},
				"es": {"Un conductor huyó tras atropellar a un ciclista en East Bank", "Una persona en bicicleta fue atropellada por un auto y quedó gravemente herida. El auto, una camioneta familiar de color claro con el faro derecho roto, no se detuvo. Pudo haberse ido hacia Ferry Road o Airfield Road."},
			},
			Area:  shape([2]float64{820, -380}, [2]float64{1620, -560}, [2]float64{1850, 130}, [2]float64{1060, 330}),
			Place: At(1300, -90), Before: 5*day + 7*time.Hour, Length: 75 * time.Minute, Open: 9 * day,
		},
		{
			Agency: Police, Code: "MLPD-26-0415", Offence: "X-MISSING", Case: "2026-004158",
			Words: map[string]Words{
				"en": {"Missing: Rosa Delgado, 81, last seen near the station", "Rosa Delgado, 81, who has memory loss, left her home on foot and has not come back. She wears a red knitted hat and a long gray coat. Her family asks that her name be given. If you see her now, call 911; footage helps us learn which way she went."},
				"es": {"Desaparecida: Rosa Delgado, 81 años, vista por última vez cerca de la estación", "Rosa Delgado, de 81 años, que tiene pérdida de memoria, salió de su casa a pie y no ha vuelto. Lleva un gorro rojo tejido y un abrigo gris largo. Su familia pide que se diga su nombre. Si la ve ahora, llame al 911; las imágenes nos ayudan a saber por dónde fue."},
			},
			Area:  shape([2]float64{-1020, 560}, [2]float64{60, 560}, [2]float64{90, 1240}, [2]float64{-420, 1560}, [2]float64{-1020, 1420}),
			Place: At(-480, 930), Before: 20 * time.Hour, Length: 8 * time.Hour, Open: 6 * day,
		},
		{
			Agency: Police, Code: "MLPD-26-0398", Offence: "290", Case: "2026-003981",
			Words: map[string]Words{
				"en": {"Windows smashed along Main Street", "The windows of four shops and a bus shelter were smashed overnight. We ask shops and homes on these blocks for what their cameras saw of the street itself."},
				"es": {"Ventanas rotas en Main Street", "Durante la noche rompieron las ventanas de cuatro tiendas y de una parada de autobús. Pedimos a las tiendas y casas de estas cuadras lo que sus cámaras hayan visto de la calle."},
			},
			Area:  shape([2]float64{-470, -190}, [2]float64{30, -175}, [2]float64{20, 135}, [2]float64{-480, 120}),
			Place: At(-210, -15), Before: 8*day + 11*time.Hour, Length: 5 * time.Hour, Open: 5 * day,
		},
	}
}

func fireRequest() Request {
	return Request{
		Agency: Fire, Code: "MLFR-26-031", Offence: "200", Case: "F-26-0311",
		Words: map[string]Words{
			"en": {"Boat shed set on fire at the Landing", "A shed at the boat yard burned down before dawn, and we believe that the fire was set. Nobody was hurt. We ask for footage of people or vehicles on the way to or from the water, and of the first smoke or light."},
			"es": {"Incendio provocado en un cobertizo de The Landing", "Un cobertizo del astillero se quemó antes del amanecer y creemos que el incendio fue provocado. No hubo heridos. Pedimos imágenes de personas o vehículos que iban o venían del agua, y del primer humo o resplandor."},
		},
		Area:  shape([2]float64{-690, -1520}, [2]float64{60, -1560}, [2]float64{90, -980}, [2]float64{-640, -950}),
		Place: At(-190, -1500), Before: 2*day + 9*time.Hour, Length: 150 * time.Minute, Open: 12 * day,
	}
}

func resolvedRequest() Request {
	return Request{
		Agency: Police, Code: "MLPD-26-0377", Offence: "240", Case: "2026-003774",
		Words: map[string]Words{
			"en": {"Delivery van stolen in Orchard Hill", "A white delivery van was taken while its driver was at a door. It has a dented rear bumper and a green parcel on the dashboard."},
			"es": {"Camioneta de reparto robada en Orchard Hill", "Se llevaron una camioneta blanca de reparto mientras el conductor estaba en una puerta. Tiene el parachoques trasero abollado y un paquete verde en el tablero."},
		},
		Area:  shape([2]float64{-2080, -700}, [2]float64{-1560, -690}, [2]float64{-1570, -190}, [2]float64{-2090, -200}),
		Place: At(-1800, -420), Before: 16 * day, Length: 2 * time.Hour, Open: 3 * day,
		End: footage.Resolved,
		EndText: map[string]string{
			"en": "The van was found and a person has been charged. No more footage is needed. Thank you.",
			"es": "La camioneta fue encontrada y una persona fue acusada. Ya no se necesitan imágenes. Gracias.",
		},
	}
}
